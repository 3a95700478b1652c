/** For tests: every layer of TensorFlow.js, between an input and a loss. */
import type { SymbolicTensor } from '@tensorflow/tfjs';
import { type Built, type Case, RECURRENT, sequence } from './kernels.recurrent.ts';

const picture = [6, 5, 2];
const volume = [4, 4, 4, 2];

/** The layers, each with the input that it is tried on. */
export const LAYER_CASES: Case[] = [
  ...(
    [
      ...(['elu', 'hardSigmoid', 'linear', 'relu', 'relu6', 'selu', 'sigmoid', 'softmax', 'softplus'] as const),
      ...(['softsign', 'tanh', 'swish', 'mish', 'gelu', 'gelu_new'] as const),
    ] as const
  ).map(
    (activation): Case => [`dense, ${activation}`, [5], (x, l) => l.dense({ units: 4, activation }).apply(x) as Built],
  ),
  ['dense, regularised', [5], (x, l) => l.dense({ units: 4, kernelRegularizer: 'l1l2' }).apply(x) as Built],
  ['dense over a sequence', sequence, (x, l) => l.dense({ units: 4, activation: 'relu' }).apply(x) as Built],
  ['elu', [5], (x, l) => l.elu().apply(l.dense({ units: 4 }).apply(x)) as Built],
  ['leakyReLU', [5], (x, l) => l.leakyReLU({ alpha: 0.2 }).apply(l.dense({ units: 4 }).apply(x)) as Built],
  [
    'prelu',
    picture,
    (x, l) =>
      l
        .prelu({ alphaInitializer: 'ones', sharedAxes: [1, 2] })
        .apply(l.conv2d({ filters: 2, kernelSize: 2 }).apply(x)) as Built,
  ],
  ['reLU', [5], (x, l) => l.reLU({ maxValue: 1 }).apply(l.dense({ units: 4 }).apply(x)) as Built],
  ['softmax', [5], (x, l) => l.softmax().apply(l.dense({ units: 4 }).apply(x)) as Built],
  ['thresholdedReLU', [5], (x, l) => l.thresholdedReLU({ theta: 0.1 }).apply(l.dense({ units: 4 }).apply(x)) as Built],
  ...([1, 2] as const).flatMap((dilationRate) =>
    (['same', 'valid'] as const).map(
      (padding): Case => [
        `conv1d, ${padding}, dilation ${dilationRate}`,
        sequence,
        (x, l) =>
          l
            .conv1d({ filters: 4, kernelSize: 2, padding, dilationRate, activation: 'relu' })
            .apply(l.dense({ units: 3 }).apply(x)) as Built,
      ],
    ),
  ),
  [
    'conv1d, stride 2',
    sequence,
    (x, l) => l.conv1d({ filters: 4, kernelSize: 3, strides: 2 }).apply(l.dense({ units: 3 }).apply(x)) as Built,
  ],
  [
    'conv2d',
    picture,
    (x, l) =>
      l
        .conv2d({ filters: 3, kernelSize: 3, strides: [1, 2], padding: 'same', activation: 'relu' })
        .apply(l.conv2d({ filters: 2, kernelSize: 1 }).apply(x)) as Built,
  ],
  [
    'conv2d, dilated',
    picture,
    (x, l) =>
      l
        .conv2d({ filters: 3, kernelSize: 2, dilationRate: 2, activation: 'tanh' })
        .apply(l.conv2d({ filters: 2, kernelSize: 1 }).apply(x)) as Built,
  ],
  [
    'conv2d, channels first',
    [2, 6, 5],
    (x, l) => l.conv2d({ filters: 3, kernelSize: 2, dataFormat: 'channelsFirst' }).apply(x) as Built,
  ],
  [
    'conv3d',
    volume,
    (x, l) =>
      l
        .conv3d({ filters: 3, kernelSize: 2, padding: 'same', activation: 'relu' })
        .apply(l.conv3d({ filters: 2, kernelSize: [2, 1, 1], strides: [2, 1, 1] }).apply(x)) as Built,
  ],
  [
    'conv2dTranspose',
    picture,
    (x, l) =>
      l
        .conv2dTranspose({ filters: 3, kernelSize: 3, strides: 2, padding: 'same' })
        .apply(l.conv2d({ filters: 2, kernelSize: 1 }).apply(x)) as Built,
  ],
  [
    'conv3dTranspose',
    volume,
    (x, l) =>
      l
        .conv3dTranspose({ filters: 2, kernelSize: 2, strides: 2, padding: 'same' })
        .apply(l.conv3d({ filters: 2, kernelSize: 1 }).apply(x)) as Built,
  ],
  [
    'separableConv2d',
    picture,
    (x, l) =>
      l
        .separableConv2d({ filters: 3, kernelSize: 3, depthMultiplier: 2 })
        .apply(l.conv2d({ filters: 2, kernelSize: 1 }).apply(x)) as Built,
  ],
  [
    'depthwiseConv2d',
    picture,
    (x, l) =>
      l
        .depthwiseConv2d({ kernelSize: 2, depthMultiplier: 2, padding: 'same' })
        .apply(l.conv2d({ filters: 2, kernelSize: 1 }).apply(x)) as Built,
  ],
  [
    'depthwiseConv2d, dilated',
    picture,
    (x, l) =>
      l
        .depthwiseConv2d({ kernelSize: 2, dilationRate: 2 })
        .apply(l.conv2d({ filters: 2, kernelSize: 1 }).apply(x)) as Built,
  ],
  [
    'cropping2D and zeroPadding2d',
    picture,
    (x, l) =>
      l
        .cropping2D({
          cropping: [
            [1, 0],
            [1, 1],
          ],
        })
        .apply(l.zeroPadding2d({ padding: 1 }).apply(l.conv2d({ filters: 2, kernelSize: 1 }).apply(x))) as Built,
  ],
  ...(['nearest', 'bilinear'] as const).map(
    (interpolation): Case => [
      `upSampling2d, ${interpolation}`,
      picture,
      (x, l) =>
        l
          .upSampling2d({ size: [2, 3], interpolation })
          .apply(l.conv2d({ filters: 2, kernelSize: 1 }).apply(x)) as Built,
    ],
  ),
  ...(['same', 'valid'] as const).flatMap((padding): Case[] => [
    [
      `averagePooling1d, ${padding}`,
      sequence,
      (x, l) => l.averagePooling1d({ poolSize: 2, padding }).apply(l.dense({ units: 3 }).apply(x)) as Built,
    ],
    [
      `maxPooling1d, ${padding}`,
      sequence,
      (x, l) => l.maxPooling1d({ poolSize: 3, strides: 2, padding }).apply(l.dense({ units: 3 }).apply(x)) as Built,
    ],
    [
      `averagePooling2d, ${padding}`,
      picture,
      (x, l) =>
        l
          .averagePooling2d({ poolSize: 3, strides: 2, padding })
          .apply(l.conv2d({ filters: 2, kernelSize: 1 }).apply(x)) as Built,
    ],
    [
      `maxPooling2d, ${padding}`,
      picture,
      (x, l) =>
        l.maxPooling2d({ poolSize: [2, 3], padding }).apply(l.conv2d({ filters: 2, kernelSize: 1 }).apply(x)) as Built,
    ],
    [
      `averagePooling3d, ${padding}`,
      volume,
      (x, l) =>
        l
          .averagePooling3d({ poolSize: 3, strides: 2, padding })
          .apply(l.conv3d({ filters: 2, kernelSize: 1 }).apply(x)) as Built,
    ],
    [
      `maxPooling3d, ${padding}`,
      volume,
      (x, l) =>
        l
          .maxPooling3d({ poolSize: 3, strides: 2, padding })
          .apply(l.conv3d({ filters: 2, kernelSize: 1 }).apply(x)) as Built,
    ],
  ]),
  [
    'global pooling 1d',
    sequence,
    (x, l) =>
      [
        l.globalAveragePooling1d().apply(l.dense({ units: 3 }).apply(x)),
        l.globalMaxPooling1d().apply(l.dense({ units: 3 }).apply(x)),
      ] as Built,
  ],
  [
    'global pooling 2d',
    picture,
    (x, l) =>
      [
        l.globalAveragePooling2d({}).apply(l.conv2d({ filters: 2, kernelSize: 1 }).apply(x)),
        l.globalMaxPooling2d({}).apply(l.conv2d({ filters: 2, kernelSize: 1 }).apply(x)),
      ] as Built,
  ],
  ...(['add', 'average', 'concatenate', 'maximum', 'minimum', 'multiply'] as const).map(
    (merge): Case => [
      merge,
      [5],
      (x, l) =>
        l[merge]().apply([l.dense({ units: 4 }).apply(x), l.dense({ units: 4 }).apply(x)] as SymbolicTensor[]) as Built,
    ],
  ),
  [
    'dot',
    sequence,
    (x, l) =>
      l
        .dot({ axes: [2, 2] })
        .apply([l.dense({ units: 4 }).apply(x), l.dense({ units: 4 }).apply(x)] as SymbolicTensor[]) as Built,
  ],
  [
    'dot, normalised',
    [5],
    (x, l) =>
      l
        .dot({ axes: -1, normalize: true })
        .apply([l.dense({ units: 4 }).apply(x), l.dense({ units: 4 }).apply(x)] as SymbolicTensor[]) as Built,
  ],
  [
    'batchNormalization',
    picture,
    (x, l) => l.batchNormalization().apply(l.conv2d({ filters: 2, kernelSize: 2 }).apply(x)) as Built,
  ],
  ['batchNormalization of rows', [5], (x, l) => l.batchNormalization().apply(l.dense({ units: 4 }).apply(x)) as Built],
  ['layerNormalization', sequence, (x, l) => l.layerNormalization().apply(l.dense({ units: 4 }).apply(x)) as Built],
  [
    'embedding',
    [6],
    (x, l) => l.embedding({ inputDim: 9, outputDim: 3, embeddingsRegularizer: 'l1l2' }).apply(x) as Built,
  ],
  [
    'embedding and mask',
    [6],
    (x, l) => l.lstm({ units: 3 }).apply(l.embedding({ inputDim: 9, outputDim: 3, maskZero: true }).apply(x)) as Built,
  ],
  [
    'masking',
    sequence,
    (x, l) => l.simpleRNN({ units: 3, returnSequences: true }).apply(l.masking({ maskValue: 0 }).apply(x)) as Built,
  ],
  [
    'flatten, permute, reshape, repeatVector',
    sequence,
    (x, l) =>
      l
        .repeatVector({ n: 2 })
        .apply(
          l
            .dense({ units: 3 })
            .apply(l.flatten().apply(l.reshape({ targetShape: [9, 2] }).apply(l.permute({ dims: [2, 1] }).apply(x)))),
        ) as Built,
  ],
  ...RECURRENT,
  [
    'rescaling',
    picture,
    (x, l) => l.conv2d({ filters: 2, kernelSize: 2 }).apply(l.rescaling({ scale: 0.5, offset: 1 }).apply(x)) as Built,
  ],
  [
    'centerCrop',
    picture,
    (x, l) => l.conv2d({ filters: 2, kernelSize: 2 }).apply(l.centerCrop({ height: 4, width: 3 }).apply(x)) as Built,
  ],
];
