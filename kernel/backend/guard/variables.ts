/** Variables that were made before the engine was chosen. */
import type { TensorFlow } from '../tensorflow.ts';

/**
 * Moves all variables to the engine that is set: a model may be built before anything has asked for an engine, and
 * compiled steps need its weights where they can reach them.
 */
export function moveVariables(tf: TensorFlow): void {
  const engine = tf.engine();
  const backend = tf.backend();
  for (const { dataId } of Object.values(engine.registeredVariables)) {
    if (engine.state.tensorInfo.get(dataId)?.backend !== backend) engine.moveData(backend, dataId);
  }
}
