/**
 * Which models are being trained, so that an interrupt leaves none of them half in training. A `fit` that is stopped
 * in the middle of a batch never says that it is over, and its model would refuse the next one; a `fit` that is between
 * two batches would go on unseen. The first is told that it is over, the second meets an error at its next batch.
 */
import type { TensorFlow } from './tensorflow.ts';

/**
 * Watches every `fit` of layers models from now on.
 * @returns ends all that are running; call it after an interrupt
 */
export function watchTraining(tf: TensorFlow): () => void {
  const running = new Set<Watch>();

  class Watch extends tf.Callback {
    interrupted = false;

    override async onTrainBegin(): Promise<void> {
      running.add(this);
    }

    override async onBatchBegin(): Promise<void> {
      if (this.interrupted) throw new Error('training was interrupted');
    }

    override async onTrainEnd(): Promise<void> {
      running.delete(this);
    }
  }

  // Level 0: for every fit, however silent.
  tf.registerCallbackConstructor(0, Watch);
  return () => {
    for (const watch of running) {
      watch.interrupted = true;
      Reflect.set(watch.model, 'isTraining', false);
    }
    running.clear();
  };
}
