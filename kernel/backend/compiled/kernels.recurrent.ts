/** For tests: layers that go through a sequence step by step. The others are in `kernels.layers.ts`. */
import type { SymbolicTensor } from '@tensorflow/tfjs';
import type { TensorFlow } from '../tensorflow.ts';

type Layers = TensorFlow['layers'];
/** What a layer gives when it is applied: one output, or several. */
export type Built = SymbolicTensor | SymbolicTensor[];
/** Name, shape of one example, and what stands between the input and the loss. */
export type Case = [string, number[], (x: SymbolicTensor, layers: Layers) => Built];

/** Shape of one input: steps, and features of each. */
export const sequence = [6, 3];

/** The recurrent layers, each with the input that it is tried on. */
export const RECURRENT: Case[] = [
  ...(['simpleRNN', 'gru', 'lstm'] as const).flatMap((layer): Case[] => [
    [layer, sequence, (x, l) => l[layer]({ units: 3 }).apply(x) as Built],
    [
      `${layer}, sequences, backwards`,
      sequence,
      (x, l) => l[layer]({ units: 3, returnSequences: true, goBackwards: true, implementation: 2 }).apply(x) as Built,
    ],
    [
      `bidirectional ${layer}`,
      sequence,
      (x, l) =>
        l
          .bidirectional({ layer: l[layer]({ units: 3, returnSequences: true }), mergeMode: 'concat' })
          .apply(x) as Built,
    ],
  ]),
  [
    'gru, implementation 1',
    sequence,
    (x, l) => l.gru({ units: 3, implementation: 1, recurrentActivation: 'hardSigmoid' }).apply(x) as Built,
  ],
  [
    'stacked cells',
    sequence,
    (x, l) =>
      l
        .rnn({ cell: l.stackedRNNCells({ cells: [l.lstmCell({ units: 3 }), l.gruCell({ units: 2 })] }) })
        .apply(x) as Built,
  ],
  [
    'timeDistributed',
    sequence,
    (x, l) => l.timeDistributed({ layer: l.dense({ units: 2, activation: 'tanh' }) }).apply(x) as Built,
  ],
  [
    'convLstm2d',
    [3, 4, 4, 2],
    (x, l) => l.convLstm2d({ filters: 2, kernelSize: 2, padding: 'same' }).apply(x) as Built,
  ],
];
