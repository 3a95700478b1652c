/** Recurrent layers, stacked and in both directions. */
import { loadTensorFlow } from '../../../backend/tensorflow.ts';
import type { Layer } from '../layers/layer.ts';
import { type Block, inSequence } from '../parts.ts';

/** Options of {@link lstm} and {@link gru}. */
export interface RecurrentOptions {
  /** Units of each layer, and of each direction. */
  units: number;
  /** How many layers stand on one another; 1 when not given. */
  layers?: number;
  /** Reads forward and backward and gives both, `2 · units` features; false when not given. */
  bidirectional?: boolean;
  /** Gives a vector for each step instead of the last one; false when not given. */
  sequences?: boolean;
  /** Share of each layer's input dropped in training, one mask for all steps; 0 when not given. */
  dropout?: number;
}

/** Long short-term memory (Hochreiter and Schmidhuber 1997) over `[batch, steps, features]`. */
export const lstm = (options: RecurrentOptions): Block => recurrent('lstm', options);

/** Gated recurrent units (Cho et al. 2014) over `[batch, steps, features]`. */
export const gru = (options: RecurrentOptions): Block => recurrent('gru', options);

function recurrent(kind: 'lstm' | 'gru', options: RecurrentOptions): Block {
  const { units, layers: count = 1, bidirectional = false, sequences = false, dropout = 0 } = options;
  if (!Number.isInteger(count) || count < 1) throw new RangeError(`${kind}: layers is ${count}, not 1 or more`);
  const { layers } = loadTensorFlow();
  return inSequence(
    Array.from({ length: count }, (_, index): Layer => {
      const given = { units, dropout, returnSequences: sequences || index < count - 1 };
      if (!bidirectional) return kind === 'lstm' ? layers.lstm(given) : layers.gru(given);
      const inner = kind === 'lstm' ? layers.lstm(given) : layers.gru(given);
      return layers.bidirectional({ layer: inner, mergeMode: 'concat' });
    }),
  );
}
