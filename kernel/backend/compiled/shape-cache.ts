/**
 * Native functions by the shapes of what they are given. A function is recorded once for each shape of batch; a
 * recording that no longer says what the function does is found out.
 */
import type { Tensor, Variable } from '@tensorflow/tfjs';
import { CompiledFunction, type FunctionOptions } from './function.ts';
import { record } from './recorder.ts';
import { CannotCompile, dtypeOf } from './recording.ts';
import type { Outline } from './shapes/shapes.ts';
import { changeBetween } from './steady.ts';
import { withTraces } from './where.ts';

/** More shapes of batches than this are not compiled: each takes memory and time of its own. */
const MOST_SHAPES = 16;

/** What is known of a tensor. */
export interface Shape {
  shape: readonly number[];
  dtype: string;
}

/** A function for one shape of batch. */
export interface Shaped<T> {
  readonly native: CompiledFunction;
  /** What whoever made it wants to know of it. */
  readonly more: T;
}

interface Entry<T> extends Shaped<T> {
  batch: readonly Shape[];
  variables: readonly Variable[];
  /** Tensors from outside whose numbers went into it. */
  sources: object[];
  runs: number;
  work(inputs: Tensor[]): readonly Tensor[];
}

/** How functions are compiled, and when they are looked at again. */
export interface CacheOptions extends FunctionOptions {
  /** At which runs of a shape it is recorded once more, to see whether it still does the same. */
  recheck: readonly number[];
}

/** Makes one compiled form for each shape, and finds it again. */
export class ShapeCache<T> {
  readonly #options: CacheOptions;
  readonly #entries: Entry<T>[] = [];

  constructor(options: CacheOptions) {
    this.#options = options;
  }

  /**
   * The function for such a batch, made when there is none.
   * @param variables what else it depends on
   * @param make what to record, and what to remember beside it once it is recorded
   * @throws CannotCompile when it cannot be compiled, or is not the same each time
   */
  find(
    batch: readonly Shape[],
    variables: readonly Variable[],
    make: () => { work(inputs: Tensor[]): readonly Tensor[]; more(native: CompiledFunction): T },
  ): Shaped<T> {
    const first = this.#entries[0];
    const known = first && fits(first, batch, variables) ? first : this.#other(batch, variables);
    const entry = known && this.#living(known) ? known : this.#make(batch, variables, make());
    if (this.#options.recheck.includes(entry.runs++)) this.#recheck(entry);
    return entry;
  }

  /** Gives back all compiled forms. */
  dispose(): void {
    for (const { native } of this.#entries.splice(0)) native.dispose();
  }

  /** One that was not the last; it becomes the first to be tried. */
  #other(batch: readonly Shape[], variables: readonly Variable[]): Entry<T> | undefined {
    const at = this.#entries.findIndex((entry) => fits(entry, batch, variables));
    if (at > 0) this.#entries.unshift(...this.#entries.splice(at, 1));
    return at < 0 ? undefined : this.#entries[0];
  }

  /** What it was recorded with may be gone: then it must be working with something else now. */
  #living(entry: Entry<T>): boolean {
    if (entry.sources.length === 0) return true;
    const { tensorInfo } = this.#options.tf.engine().state;
    if (entry.sources.every((source) => tensorInfo.has(source))) return true;
    this.#entries.splice(this.#entries.indexOf(entry), 1);
    entry.native.dispose();
    return false;
  }

  #make(
    batch: readonly Shape[],
    variables: readonly Variable[],
    { work, more }: { work(inputs: Tensor[]): readonly Tensor[]; more(native: CompiledFunction): T },
  ): Entry<T> {
    if (this.#entries.length >= MOST_SHAPES) {
      const shapes = batch.map(({ shape }) => `[${shape}]`).join(' and ');
      throw new CannotCompile(
        `its batches come in more than ${MOST_SHAPES} shapes, the latest ${shapes}; batches of a few sizes would be compiled`,
      );
    }
    const native = new CompiledFunction(this.#options, batch.map(outlineOf), work);
    const entry: Entry<T> = {
      native,
      more: more(native),
      batch: batch.map(({ shape, dtype }) => ({ shape: [...shape], dtype })),
      variables: [...variables],
      sources: native.recording.constants.flatMap(({ source }) => (source ? [source] : [])),
      runs: 0,
      work,
    };
    this.#entries.unshift(entry);
    return entry;
  }

  /** A function may use numbers that are different the next time, which a recording knows nothing of. */
  #recheck({ native, batch, work }: Entry<T>): void {
    const again = (): string | undefined =>
      changeBetween(native.recording, record(this.#options.tf, batch.map(outlineOf), work));
    const change = again() && withTraces(again);
    if (change !== undefined) throw new CannotCompile(change);
  }
}

const outlineOf = ({ shape, dtype }: Shape): Outline => ({ shape: [...shape], dtype: dtypeOf(dtype) });

function fits(entry: Entry<unknown>, batch: readonly Shape[], variables: readonly Variable[]): boolean {
  return (
    entry.batch.length === batch.length &&
    sameList(entry.variables, variables) &&
    batch.every(({ shape, dtype }, index) => {
      const known = entry.batch[index];
      return known?.dtype === dtype && sameList(known.shape, shape);
    })
  );
}

function sameList<T>(a: readonly T[], b: readonly T[]): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false;
  return true;
}
