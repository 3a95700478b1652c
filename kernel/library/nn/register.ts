/** Makes the library's layers known to TensorFlow.js, which finds the classes of a saved model by their names. */
import { attentions } from './layers/attention.ts';
import { normalizations } from './layers/normalization.ts';
import { poolings } from './layers/pooling.ts';
import { positions } from './layers/position.ts';

/** Call before a model is made from a description. */
export function registerLayers(): void {
  for (const define of [attentions, normalizations, poolings, positions]) define();
}
