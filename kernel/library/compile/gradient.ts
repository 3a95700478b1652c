/** `compileGrad`: any function of tensors to a scalar, with its gradients by variables, as one compiled call. */
import type { Scalar, Tensor, Variable } from '@tensorflow/tfjs';
import { prepareBackend } from '../../backend/choose.ts';
import { CompiledCalls } from '../../backend/compiled/calls.ts';
import { heapOf } from '../../backend/compiled/heap.ts';
import { CannotCompile } from '../../backend/compiled/recording.ts';
import { loadTensorFlow } from '../../backend/tensorflow.ts';
import type { CompiledGradient } from './contract.ts';
import { withProperties } from './properties.ts';

/** A value and its gradients. */
type Gradients = Awaited<ReturnType<CompiledGradient>>;

/**
 * Compiles a function with its gradients by `variables`. Where the value does not depend on one, its gradient is zero.
 * @throws Error when no variables are given
 * @example
 * const slope = await compileGrad((x, y) => model(x).sub(y).square().mean(), { variables: [weights, bias] });
 * const { value, gradients } = await slope(x, y);
 */
export async function compileGrad(
  fn: (...inputs: Tensor[]) => Tensor,
  { variables, compiled = true }: { variables: readonly Variable[]; compiled?: boolean },
): Promise<CompiledGradient> {
  const tf = loadTensorFlow();
  const { name } = await prepareBackend(tf);
  if (variables.length === 0) throw new Error('compileGrad: give the variables to differentiate by');
  const work = (inputs: Tensor[]): Tensor[] => {
    const { value, grads } = tf.variableGrads(() => fn(...inputs).asScalar(), [...variables]);
    return [value, ...variables.map((variable) => grads[variable.name] ?? tf.zerosLike(variable))];
  };
  let engine: CompiledGradient['engine'];
  let reason: string | undefined;
  if (!compiled) reason = 'compiled is false';
  else if (name !== 'compiled') reason = `the engine is ${name}`;
  const heap = heapOf(tf);
  let calls =
    heap && reason === undefined ? new CompiledCalls({ tf, heap, work, recheck: [1, 9, 99, 999] }) : undefined;
  const what = fn.name || 'the function';

  const compute = (inputs: Tensor[]): Tensor[] => {
    if (calls) {
      try {
        const outcome = calls.call(inputs);
        engine = 'compiled';
        return outcome;
      } catch (error) {
        if (!(error instanceof CannotCompile)) throw error;
        reason = error.message;
        calls.dispose();
        calls = undefined;
        console.warn(`${what} is differentiated uncompiled, which is slower: ${reason}`);
      }
    }
    engine = 'eager';
    return tf.tidy(() => work(inputs));
  };
  const gradient = async (...inputs: Tensor[]): Promise<Gradients> => {
    const [value, ...gradients] = compute(inputs);
    if (!value) throw new Error(`${what} gave no value`);
    return { value: scalarOf(value), gradients };
  };
  return withProperties(gradient, {
    variables,
    get engine() {
      return engine;
    },
    get reason() {
      return reason;
    },
    dispose: () => calls?.dispose(),
  });
}

const isScalar = (tensor: Tensor): tensor is Scalar => tensor.rank === 0;

function scalarOf(tensor: Tensor): Scalar {
  if (isScalar(tensor)) return tensor;
  throw new Error(`the function gave [${tensor.shape}], and only a scalar can be differentiated`);
}
