/**
 * The backward walk over what TensorFlow.js has taken down. It takes the place of the library's own, which gives up at
 * any comparison on the way, knows no gradients of complex numbers, and blames a kernel in words that help nobody.
 * What is true or false carries no gradient, so a path through it is no path.
 */
import type { NamedTensorMap, Tensor } from '@tensorflow/tfjs';
import type { TensorFlow } from '../tensorflow.ts';

/** One taken-down call. */
interface Call {
  id: number;
  kernelName: string;
  inputs: NamedTensorMap;
  outputs: Tensor[];
  saved?: Tensor[];
  gradient?: (dys: (Tensor | null)[]) => Record<string, () => Tensor>;
}

/** What is used of the engine beyond its public face. */
interface Engine {
  backendName: string;
  state: { activeTape: Call[] | null; gradientDepth: number };
  startTape(): void;
  endTape(): void;
  scopedRun<T>(start: () => void, end: () => void, work: () => T): T;
  tidy<T>(name: string | (() => T), work?: () => T): T;
}

type Gradients = (
  work: () => Tensor,
  xs: Tensor[],
  dy?: Tensor,
  allowNone?: boolean,
) => { value: Tensor; grads: (Tensor | undefined)[] };

/**
 * Puts the walk into the engine.
 * @param summed names of backends where many shares of one gradient are best added in one go
 */
export function mendBackpropagation(tf: TensorFlow, summed: ReadonlySet<string>): void {
  const engine: Engine = Object(tf.engine());

  const gradients: Gradients = (work, xs, dy, allowNone = false) => {
    if (xs.length === 0) throw new Error('a gradient with respect to nothing was asked for: give at least one tensor');
    if (dy && dy.dtype !== 'float32') throw new Error(`dy must be float32, and is ${dy.dtype}`);
    const value = engine.scopedRun(
      () => engine.startTape(),
      () => engine.endTape(),
      () => engine.tidy('forward', work),
    );
    if (!(value instanceof tf.Tensor)) throw new Error('the function that is differentiated must return one tensor');
    const tape = engine.state.activeTape ?? [];
    const path = between(tape, xs, value);
    if (!allowNone && path.length === 0) {
      throw new Error(
        'the result does not depend on what it is differentiated by, or only through comparisons and whole numbers: ' +
          'compute it inside the function, from the tensors that it is given',
      );
    }
    return engine.tidy('backward', () => {
      const found = walk(path, value, dy ?? tf.ones(value.shape));
      if (engine.state.gradientDepth === 0) {
        for (const { saved } of tape) for (const tensor of saved ?? []) tensor.dispose();
        engine.state.activeTape = null;
      }
      return { value, grads: xs.map(({ id }) => found.get(id)) };
    });
  };

  /** Gradients by the tensors' ids. */
  function walk(path: readonly Call[], value: Tensor, dy: Tensor): Map<number, Tensor> {
    const found = new Map([[value.id, dy]]);
    const shares = new Map<number, Tensor[]>();
    const inOneGo = summed.has(engine.backendName);
    const take = (id: number): Tensor | undefined => {
      const parts = shares.get(id);
      if (parts) {
        const [first] = parts;
        const sum = parts.length === 1 && first ? first : tf.addN(parts);
        found.set(id, sum);
        shares.delete(id);
      }
      return found.get(id);
    };
    for (const { kernelName, inputs, outputs, gradient } of path.toReversed()) {
      const dys = outputs.map(({ id }) => take(id) ?? null);
      if (dys.every((each) => each === null)) continue;
      if (!gradient) {
        throw new Error(
          `the operation ${kernelName} has no gradient: keep it out of what is differentiated, or give it one with tf.customGrad`,
        );
      }
      const whole = dys.map((each, index) => each ?? nothing(outputs[index]));
      const made = gradient(whole);
      for (const [name, input] of Object.entries(inputs)) {
        const make = made[name];
        if (!make) throw new Error(`the operation ${kernelName} has no gradient with respect to its input ${name}`);
        const dx = engine.tidy(make);
        check(kernelName, name, input, dx);
        const before = found.get(input.id);
        if (inOneGo) {
          const parts = shares.get(input.id);
          if (parts) parts.push(dx);
          else shares.set(input.id, before ? [before, dx] : [dx]);
        } else if (before) {
          found.set(input.id, tf.add(before, dx));
          before.dispose();
        } else {
          found.set(input.id, dx);
        }
      }
    }
    for (const id of [...shares.keys()]) take(id);
    return found;
  }

  /** The gradient of an output that nothing came of. */
  function nothing(output: Tensor | undefined): Tensor {
    const shape = output?.shape ?? [];
    if (output?.dtype === 'complex64') return tf.complex(tf.zeros(shape), tf.zeros(shape));
    return tf.fill(shape, 0);
  }

  function check(kernel: string, name: string, { dtype, shape }: Tensor, dx: Tensor): void {
    const wanted = dtype === 'complex64' ? dtype : 'float32';
    if (dx.dtype !== wanted || dx.shape.join() !== shape.join()) {
      throw new Error(
        `the gradient of ${kernel} with respect to its input ${name} is ${dx.dtype}[${dx.shape}], not ${wanted}[${shape}]`,
      );
    }
  }

  Reflect.set(engine, 'gradients', gradients);
}

/** True for a call through which no gradient goes: it tells true from false, or counts. */
const isBorder = ({ outputs, gradient }: Call): boolean =>
  outputs.every(({ dtype }) => dtype === 'bool' || dtype === 'string') ||
  (!gradient && outputs.every(({ dtype }) => dtype === 'int32'));

/** The calls that lead from `xs` to `y`, with only those inputs that come from `xs`. */
function between(tape: readonly Call[], xs: readonly Tensor[], y: Tensor): Call[] {
  const fromXs = new Set(xs.map(({ id }) => id));
  const forward = tape.filter((call) => {
    if (isBorder(call) || !Object.values(call.inputs).some(({ id }) => fromXs.has(id))) return false;
    for (const { id } of call.outputs) fromXs.add(id);
    return true;
  });
  const toY = new Set([y.id]);
  return forward
    .toReversed()
    .filter(({ inputs, outputs }) => {
      if (!outputs.some(({ id }) => toY.has(id))) return false;
      for (const { id } of Object.values(inputs)) if (fromXs.has(id)) toY.add(id);
      return true;
    })
    .reverse()
    .map((call) => ({
      ...call,
      inputs: Object.fromEntries(Object.entries(call.inputs).filter(([, { id }]) => fromXs.has(id))),
    }));
}
