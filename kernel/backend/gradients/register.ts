/** How a gradient of ours is put in the place of TensorFlow.js's own, or of none. */
import type { Tensor } from '@tensorflow/tfjs';
import type { TensorFlow } from '../tensorflow.ts';

/** Attributes of a kernel, as the library gives them. */
export type Attrs = Readonly<Record<string, unknown>>;

/** Gradient of a kernel with one output: one function for each input, by name or, for kernels of a list, by number. */
export interface Gradient {
  kernel: string;
  /** Inputs that it looks at, in the order in which {@link Gradient.of} gets them. */
  inputs?: string[];
  /** The kernel takes a list: all of it is saved. */
  list?: boolean;
  /** The output is saved too, behind the inputs. */
  output?: boolean;
  of(dy: Tensor, saved: Tensor[], attrs: Attrs): Record<string, () => Tensor>;
}

/** Puts gradients into the registry, over what is there. */
export function registerAll(tf: TensorFlow, gradients: readonly Gradient[]): void {
  for (const { kernel, inputs, list, output, of } of gradients) {
    if (tf.getGradient(kernel)) tf.unregisterGradient(kernel);
    tf.registerGradient({
      kernelName: kernel,
      ...(inputs ? { inputsToSave: inputs } : {}),
      ...(list ? { saveAllInputs: true } : {}),
      ...(output ? { outputsToSave: [true] } : {}),
      gradFunc: (dy, saved, attrs) => {
        if (Array.isArray(dy)) throw new Error(`the gradient of ${kernel} was asked for several outputs at once`);
        return of(dy, saved, attrs ?? {});
      },
    });
  }
}
