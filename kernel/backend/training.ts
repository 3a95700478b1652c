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
  /** Models inside `fit`, from its first line: before training begins it checks and copies data for a while. */
  const inside = new Set<object>();
  for (const name of ['fit', 'fitDataset'] as const) {
    const original: unknown = Reflect.get(tf.LayersModel.prototype, name);
    if (typeof original !== 'function') continue;
    const watched = async function (this: object, ...args: unknown[]): Promise<unknown> {
      // A second fit at the same time is refused by the first lines of the original, and is not to end the first.
      if (inside.has(this)) return Reflect.apply(original, this, args);
      inside.add(this);
      try {
        return await Reflect.apply(original, this, args);
      } finally {
        inside.delete(this);
      }
    };
    Reflect.set(tf.LayersModel.prototype, name, watched);
  }

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
    for (const model of inside) {
      Reflect.set(model, 'isTraining', false);
      disposeHistory(tf, model);
    }
    inside.clear();
    for (const watch of running) {
      watch.interrupted = true;
      Reflect.set(watch.model, 'isTraining', false);
    }
    running.clear();
  };
}

/** The losses of the epochs so far are tensors until `fit` returns, which it never will. */
function disposeHistory(tf: TensorFlow, model: object): void {
  const history: unknown = Reflect.get(Object(Reflect.get(model, 'history')), 'history');
  for (const values of Object.values(Object(history))) {
    if (!Array.isArray(values)) continue;
    for (const value of values) if (value instanceof tf.Tensor && !value.isDisposed) value.dispose();
    values.length = 0;
  }
}
