/**
 * Where NaN or infinity comes from. A normal step pays for one look at its loss and at the length of its gradient; only
 * when one of these is not a number is the batch computed once more, kernel by kernel, each outcome looked at.
 */
import type { Tensor, Variable } from '@tensorflow/tfjs';
import { withUndo } from '../../backend/compiled/undo.ts';
import { type Place, place, spellPlace, withPlaces, withTraces } from '../../backend/compiled/where.ts';
import type { TensorFlow } from '../../backend/tensorflow.ts';

/** Training went wrong in a step; the weights are as they were before it. */
export class NumbersError extends Error {
  override name = 'NumbersError';
  /** Number of the step, from 1. */
  readonly step: number;

  constructor(step: number, message: string) {
    super(`step ${step}: ${message}. The weights are as they were before this step`);
    this.step = step;
  }
}

/** Runs `work`, and gives what `Math.random` gave meanwhile. */
export function notingChance<T>(work: () => T): { result: T; drawn: number[] } {
  const { random } = Math;
  const drawn: number[] = [];
  const giveBack = (): void => {
    Math.random = random;
  };
  const result = withUndo(giveBack, () => {
    Math.random = () => {
      const value = random();
      drawn.push(value);
      return value;
    };
    return work();
  });
  return { result, drawn };
}

function repeatingChance<T>(drawn: readonly number[], work: () => T): T {
  const { random } = Math;
  const giveBack = (): void => {
    Math.random = random;
  };
  return withUndo(giveBack, () => {
    let at = 0;
    Math.random = () => drawn[at++] ?? random();
    return work();
  });
}

/** One kernel's outcome, with questions whose answers are still being computed. */
interface Look {
  kernel: string;
  place: Place;
  /** 1 where there is a NaN, and where there is an infinity, of the outputs. */
  output: { nan: Tensor; infinite: Tensor };
  /** The same of the inputs together. */
  inputs: { nan: Tensor; infinite: Tensor } | undefined;
  /** Least and greatest number of the inputs. */
  range: { least: Tensor; greatest: Tensor } | undefined;
}

/** What is searched. */
export interface Suspect {
  /** Tensors of the batch, with what they are. */
  batch: readonly { name: string; tensor: Tensor }[];
  variables: readonly Variable[];
  /** What `Math.random` gave. */
  drawn: readonly number[];
  /** Computes loss and gradients once more. */
  work(): void;
}

/** Says where the first number comes from that is none. */
export async function findFault(tf: TensorFlow, { batch, variables, drawn, work }: Suspect): Promise<string> {
  for (const { name, tensor } of [
    ...batch,
    ...variables.map((tensor) => ({ name: `the weight ${tensor.name}`, tensor })),
  ]) {
    const values = tensor.dtype === 'float32' ? await tensor.data() : [];
    const at = Array.prototype.findIndex.call(values, (value) => !Number.isFinite(value));
    if (at < 0) continue;
    const example = Math.floor(at / Math.max(1, tensor.size / (tensor.shape[0] ?? 1)));
    const where = tensor.isDisposed || !batch.some((one) => one.tensor === tensor) ? '' : `, in example ${example}`;
    return `${name} itself holds ${values[at]}${where}`;
  }
  const looks = repeatingChance(drawn, () => watch(tf, work));
  try {
    for (const look of looks) {
      const [nan, infinite] = await Promise.all([yes(look.output.nan), yes(look.output.infinite)]);
      if (!nan && !infinite) continue;
      // Infinity that was put in, as masks do, is no fault until it makes a NaN.
      const was = look.inputs && (await Promise.all([yes(look.inputs.nan), yes(look.inputs.infinite)]));
      if (!was || was[0] || (was[1] && !nan)) continue;
      const range = look.range && (await Promise.all([look.range.least.data(), look.range.greatest.data()]));
      const of = range ? `, of numbers from ${spell(range[0][0])} to ${spell(range[1][0])}` : '';
      return `${nan ? 'NaN' : 'infinity'} first appears in ${look.kernel}${spellPlace(look.place)}${of}`;
    }
    return 'the loss or its gradient is not finite, and became so between two kernels';
  } finally {
    for (const { output, inputs, range } of looks) {
      tf.dispose([...Object.values(output), ...Object.values(inputs ?? {}), ...Object.values(range ?? {})]);
    }
  }
}

const yes = async (flag: Tensor): Promise<boolean> => (await flag.data())[0] === 1;
const spell = (value: number | undefined): string => String(Number((value ?? Number.NaN).toPrecision(4)));

/** Runs `work` and asks of every kernel's outcome whether its numbers are numbers. */
function watch(tf: TensorFlow, work: () => void): Look[] {
  const engine = tf.engine();
  const runKernel: unknown = Reflect.get(engine, 'runKernel');
  if (typeof runKernel !== 'function') throw new Error('this TensorFlow.js calls its kernels in another way');
  const looks: Look[] = [];
  let asking = false;
  const restore = (): void => void Reflect.deleteProperty(engine, 'runKernel');
  const floats = (value: unknown): Tensor[] =>
    Object.values(Object(value instanceof tf.Tensor ? [value] : value)).filter(
      (one): one is Tensor => one instanceof tf.Tensor && one.dtype === 'float32' && one.size > 0,
    );
  const ask = (tensors: Tensor[]): Look['output'] | undefined =>
    tensors.length === 0
      ? undefined
      : tf.tidy(() => ({
          nan: tf.keep(
            tf
              .addN(tensors.map((one) => one.isNaN().any().toFloat()))
              .greater(0)
              .toFloat(),
          ),
          infinite: tf.keep(
            tf
              .addN(tensors.map((one) => one.isInf().any().toFloat()))
              .greater(0)
              .toFloat(),
          ),
        }));
  const range = (tensors: Tensor[]): Look['range'] =>
    tensors.length === 0
      ? undefined
      : tf.tidy(() => ({
          least: tf.keep(tf.stack(tensors.map((one) => one.min())).min()),
          greatest: tf.keep(tf.stack(tensors.map((one) => one.max())).max()),
        }));
  return withUndo(restore, () => {
    Reflect.set(engine, 'runKernel', (kernel: string, inputs: unknown, attrs: unknown): unknown => {
      const result: unknown = Reflect.apply(runKernel, engine, [kernel, inputs, attrs]);
      if (asking) return result;
      asking = true;
      try {
        const output = ask(floats(result));
        const from = floats(inputs);
        if (output) looks.push({ kernel, place: place(), output, inputs: ask(from), range: range(from) });
      } finally {
        asking = false;
      }
      return result;
    });
    withTraces(() => withPlaces(tf, () => tf.tidy(work)));
    return looks;
  });
}
