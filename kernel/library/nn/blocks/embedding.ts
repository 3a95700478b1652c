/** Numbers of words, items or classes → vectors. */
import { loadTensorFlow } from '../../../backend/tensorflow.ts';
import type { Layer } from '../layers/layer.ts';
import { type Pooling, sequencePooling } from '../layers/pooling.ts';
import { learnedPosition, sinusoidalPosition } from '../layers/position.ts';
import { type Block, inSequence } from '../parts.ts';

/** Options of {@link embedding}. */
export interface EmbeddingOptions {
  /** How many different numbers there are: they run from 0 to one less. */
  vocabulary: number;
  /** Features of a vector. */
  units: number;
  /** Whether 0 is padding, which attention, recurrent layers and pooling then leave out; false when not given. */
  maskZero?: boolean;
  /** What is added for a step's place in the sequence; `none` when not given. */
  position?: 'none' | 'sinusoidal' | 'learned';
  /** The longest sequence there will be; needed for `position: 'learned'`. */
  steps?: number;
  /** Makes one vector of the sequence; not when not given. */
  pool?: Pooling;
  /** Share dropped in training; 0 when not given. */
  dropout?: number;
}

/**
 * A vector for each number of `[batch, steps]`.
 * @throws TypeError when positions are learned and `steps` is not given
 */
export function embedding(options: EmbeddingOptions): Block {
  const { vocabulary, units, maskZero = false, position = 'none', steps, pool, dropout = 0 } = options;
  if (position === 'learned' && steps === undefined) {
    throw new TypeError("embedding: position 'learned' needs `steps`, the longest sequence there will be");
  }
  const { layers } = loadTensorFlow();
  const parts: Layer[] = [layers.embedding({ inputDim: vocabulary, outputDim: units, maskZero })];
  if (position === 'sinusoidal') parts.push(sinusoidalPosition());
  if (position === 'learned' && steps !== undefined) parts.push(learnedPosition({ steps }));
  if (dropout > 0) parts.push(layers.dropout({ rate: dropout }));
  if (pool) parts.push(sequencePooling({ by: pool }));
  return inSequence(parts);
}
