/** What optimizer is meant: by its name, a specification of ours, or an optimizer object of TensorFlow.js. */
import type { Optimizer } from '@tensorflow/tfjs';
import type { TensorFlow } from '../../tensorflow.ts';
import { CannotCompile } from '../recording.ts';
import type { OptimizerSpec } from './rules.ts';

/** Optimizers by name alone, with the settings that Keras and TensorFlow.js give them. */
const DEFAULTS: Record<OptimizerSpec['kind'], OptimizerSpec> = {
  sgd: { kind: 'sgd', learningRate: 0.01 },
  momentum: { kind: 'momentum', learningRate: 0.01, momentum: 0.9 },
  rmsprop: { kind: 'rmsprop', learningRate: 0.001 },
  adagrad: { kind: 'adagrad', learningRate: 0.01 },
  adadelta: { kind: 'adadelta', learningRate: 1 },
  adam: { kind: 'adam', learningRate: 0.001 },
  adamw: { kind: 'adamw', learningRate: 0.001 },
  adamax: { kind: 'adamax', learningRate: 0.002 },
  lion: { kind: 'lion', learningRate: 0.0001 },
};

/**
 * The specification that is meant.
 * @throws Error when there is no optimizer of that name or class
 */
export function optimizerSpec(tf: TensorFlow, given: OptimizerSpec | OptimizerSpec['kind'] | Optimizer): OptimizerSpec {
  if (typeof given === 'string') {
    const known = DEFAULTS[given];
    if (known) return known;
    throw new Error(`there is no optimizer "${given}"; there are ${Object.keys(DEFAULTS).join(', ')}`);
  }
  if (!(given instanceof tf.Optimizer)) {
    if (given.kind in DEFAULTS) return given;
    throw new Error(`there is no optimizer "${given.kind}"; there are ${Object.keys(DEFAULTS).join(', ')}`);
  }
  return specOf(tf, given);
}

/** An optimizer of TensorFlow.js as a rule's specification. @throws CannotCompile when it is none of the known ones */
export function specOf(tf: TensorFlow, optimizer: Optimizer): OptimizerSpec {
  const field = (name: string, otherwise: number): number => {
    const value: unknown = Reflect.get(optimizer, name);
    return typeof value === 'number' ? value : otherwise;
  };
  // Read at every step: callbacks may change it.
  const learningRate = (): number => field('learningRate', 0.001);
  const epsilon = field('epsilon', tf.backend().epsilon());
  const kind = optimizer.getClassName();
  switch (kind) {
    case 'SGD':
      return { kind: 'sgd', learningRate };
    case 'Momentum': {
      const nesterov = Reflect.get(optimizer, 'useNesterov') === true;
      return { kind: 'momentum', learningRate, momentum: field('momentum', 0.9), nesterov };
    }
    case 'RMSProp': {
      const centered = Reflect.get(optimizer, 'centered') === true;
      const [decay, momentum] = [field('decay', 0.9), field('momentum', 0)];
      return { kind: 'rmsprop', learningRate, decay, momentum, epsilon, centered };
    }
    case 'Adagrad':
      return { kind: 'adagrad', learningRate, initialAccumulator: field('initialAccumulatorValue', 0.1) };
    case 'Adadelta':
      return { kind: 'adadelta', learningRate, rho: field('rho', 0.95), epsilon };
    case 'Adam':
    case 'Adamax': {
      const betas = { beta1: field('beta1', 0.9), beta2: field('beta2', 0.999) };
      if (kind === 'Adam') return { kind: 'adam', learningRate, ...betas, epsilon };
      return { kind: 'adamax', learningRate, ...betas, epsilon, decay: field('decay', 0) };
    }
    default:
      throw new CannotCompile(`the optimizer ${kind} has no compiled form`);
  }
}
