/** A function of tensors compiled as shapes come, whose outcomes are tensors like any other. */
import type { Tensor } from '@tensorflow/tfjs';
import type { CompiledFunction, FunctionOptions, Source } from './function.ts';
import { CannotCompile } from './recording.ts';
import { type Shape, ShapeCache } from './shape-cache.ts';
import type { Outline } from './shapes/shapes.ts';

/** How a function is compiled that is called with tensors. */
export interface CallsOptions extends FunctionOptions {
  work(inputs: Tensor[]): readonly Tensor[];
  /** See `CacheOptions`. */
  recheck?: readonly number[];
}

/** A function that is compiled for each shape that comes, and called as it was before. */
export class CompiledCalls {
  readonly #options: CallsOptions;
  readonly #shapes: ShapeCache<undefined>;

  constructor(options: CallsOptions) {
    this.#options = options;
    this.#shapes = new ShapeCache({ ...options, recheck: options.recheck ?? [1] });
  }

  /** Computes. @returns new tensors. @throws CannotCompile when it cannot be compiled, or is not the same each time */
  call(inputs: readonly Tensor[]): Tensor[] {
    const native = this.#find(inputs);
    const outputs = native.outputs.map((outline) => this.#output(outline));
    native.run(inputs, outputs);
    native.commit();
    return outputs;
  }

  /**
   * Computes batch after batch of the examples, which lie along the first axis, without copying any.
   * @returns new tensors of all examples
   * @throws CannotCompile also when an outcome is not one row for each example
   */
  batches(inputs: readonly Tensor[], batchSize: number): Tensor[] {
    const examples = inputs[0]?.shape[0] ?? 0;
    const size = Math.min(batchSize, examples);
    const part = (from: number, count: number): Source[] =>
      inputs.map(({ dataId, shape, dtype, size: numbers }) => ({
        dataId,
        dtype,
        shape: [count, ...shape.slice(1)],
        offset: from * (numbers / examples),
      }));
    const { outputs: outlines } = this.#find(part(0, size));
    if (outlines.some(({ shape }) => shape[0] !== size)) {
      throw new CannotCompile('its outcome is not one row for each example');
    }
    const rest = examples % size;
    // Found before tensors are made: it may fail.
    if (rest > 0) this.#find(part(examples - rest, rest));
    const outputs = outlines.map(({ shape, dtype }) => this.#output({ shape: [examples, ...shape.slice(1)], dtype }));
    for (let from = 0; from < examples; from += size) {
      const count = Math.min(size, examples - from);
      const batch = part(from, count);
      const native = this.#find(batch);
      native.run(
        batch,
        outputs.map(({ dataId, size: numbers }) => ({ dataId, offset: from * (numbers / examples) })),
      );
    }
    return outputs;
  }

  /** Gives back what all compiled forms hold; it cannot be called afterwards. */
  dispose(): void {
    this.#shapes.dispose();
  }

  #find(batch: readonly Shape[]): CompiledFunction {
    const { work } = this.#options;
    return this.#shapes.find(batch, [], () => ({ work, more: () => undefined })).native;
  }

  /** A tensor whose numbers are still to come. */
  #output(outline: Outline): Tensor {
    const { tf, heap } = this.#options;
    return tf.engine().makeTensorFromTensorInfo(heap.output(outline));
  }
}
