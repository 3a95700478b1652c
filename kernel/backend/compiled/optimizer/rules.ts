/**
 * Update rules of optimizers as formulas over flat vectors: the weights, their gradients, and what the optimizer
 * remembers of each weight. Those of TensorFlow.js give its numbers; the sources of the others are named.
 */
import {
  abs,
  add,
  constant,
  div,
  type Formula,
  max,
  min,
  mul,
  type Program,
  scalar,
  sign,
  sqrt,
  sub,
  vector,
} from './simd.ts';

/** An optimizer with its settings. Learning rates may be numbers or change with the step (from 1). */
export type OptimizerSpec =
  | { kind: 'sgd'; learningRate: Rate }
  | { kind: 'momentum'; learningRate: Rate; momentum: number; nesterov?: boolean }
  | { kind: 'rmsprop'; learningRate: Rate; decay?: number; momentum?: number; epsilon?: number; centered?: boolean }
  | { kind: 'adagrad'; learningRate: Rate; initialAccumulator?: number; epsilon?: number }
  | { kind: 'adadelta'; learningRate: Rate; rho?: number; epsilon?: number }
  | { kind: 'adam'; learningRate: Rate; beta1?: number; beta2?: number; epsilon?: number }
  | { kind: 'adamw'; learningRate: Rate; beta1?: number; beta2?: number; epsilon?: number; weightDecay?: number }
  | { kind: 'adamax'; learningRate: Rate; beta1?: number; beta2?: number; epsilon?: number; decay?: number }
  | { kind: 'lion'; learningRate: Rate; beta1?: number; beta2?: number; weightDecay?: number };

/** A learning rate: one number, or one for each step. */
export type Rate = number | ((step: number) => number);

/** A rule ready to be compiled. Vector 0: weights; 1: gradients; 2 and on: memory. Scalar 0 scales the gradients. */
export interface Rule {
  /** What each memory vector holds at first, in order. */
  memory: number[];
  program: Program;
  /** Scalars of a step (from 1), after scalar 0. */
  scalars(step: number): number[];
}

const W = 0;
const G = 1;
const [FIRST, SECOND, THIRD] = [2, 3, 4];
const local = (index: number): Formula => ({ op: 'local', index });
const square = (index: number): Formula => mul(local(index), local(index));
/** `keep · before + (1 - keep) · now` */
const average = (before: Formula, keep: number, now: Formula): Formula =>
  add(mul(before, constant(keep)), mul(now, constant(1 - keep)));

/** 1 - βᵗ, rounded in every step as TensorFlow.js does, which keeps the power as a 32-bit number. */
function unbiased(beta: number): (step: number) => number {
  const factor = Math.fround(beta);
  let at = 0;
  let power = 1;
  return (step) => {
    if (step < at) [at, power] = [0, 1];
    for (; at < step; at++) power = Math.fround(power * factor);
    return Math.fround(1 - power);
  };
}

const exactlyUnbiased =
  (beta: number) =>
  (step: number): number =>
    1 - beta ** step;

/**
 * The rule for a specification.
 * @param clipValue each number of the scaled gradient is kept within ± this
 */
export function ruleOf(spec: OptimizerSpec, clipValue?: number): Rule {
  const rate = (step: number): number => {
    const { learningRate } = spec;
    return typeof learningRate === 'number' ? learningRate : learningRate(step);
  };
  // The gradient, scaled, is local 0 everywhere.
  const scaled = mul(vector(G), scalar(0));
  const gradient = clipValue === undefined ? scaled : max(min(scaled, constant(clipValue)), constant(-clipValue));
  const rule = (
    memory: number[],
    scalars: number,
    locals: Formula[],
    stores: Program['stores'],
    values: (step: number) => number[],
  ): Rule => ({
    memory,
    program: { vectors: 2 + memory.length, scalars: 1 + scalars, locals: [gradient, ...locals], stores },
    scalars: values,
  });
  const lr = scalar(1);
  switch (spec.kind) {
    case 'sgd':
      return rule([], 1, [], [{ to: W, value: sub(vector(W), mul(local(0), lr)) }], (step) => [rate(step)]);
    case 'momentum': {
      const kept = add(mul(vector(FIRST), constant(spec.momentum)), local(0));
      const towards = spec.nesterov ? add(local(0), mul(local(1), constant(spec.momentum))) : local(1);
      return rule(
        [0],
        1,
        [kept],
        [
          { to: FIRST, value: local(1) },
          { to: W, value: sub(vector(W), mul(towards, lr)) },
        ],
        (step) => [rate(step)],
      );
    }
    case 'rmsprop': {
      const { decay = 0.9, momentum = 0, epsilon = 1e-7, centered = false } = spec;
      const meanSquare = average(vector(FIRST), decay, square(0));
      if (!centered) {
        const moved = add(
          mul(vector(SECOND), constant(momentum)),
          div(mul(local(0), lr), sqrt(add(local(1), constant(epsilon)))),
        );
        return rule(
          [0, 0],
          1,
          [meanSquare, moved],
          [
            { to: FIRST, value: local(1) },
            { to: SECOND, value: local(2) },
            { to: W, value: sub(vector(W), local(2)) },
          ],
          (step) => [rate(step)],
        );
      }
      const mean = average(vector(THIRD), decay, local(0));
      // As TensorFlow.js has it; others add ε after the difference.
      const spread = sqrt(sub(local(1), add(square(2), constant(epsilon))));
      const moved = add(mul(vector(SECOND), constant(momentum)), div(mul(local(0), lr), spread));
      return rule(
        [0, 0, 0],
        1,
        [meanSquare, mean, moved],
        [
          { to: FIRST, value: local(1) },
          { to: THIRD, value: local(2) },
          { to: SECOND, value: local(3) },
          { to: W, value: sub(vector(W), local(3)) },
        ],
        (step) => [rate(step)],
      );
    }
    case 'adagrad': {
      const { initialAccumulator = 0.1, epsilon = 1e-7 } = spec;
      const sum = add(vector(FIRST), square(0));
      const towards = div(local(0), sqrt(add(local(1), constant(epsilon))));
      return rule(
        [initialAccumulator],
        1,
        [sum],
        [
          { to: FIRST, value: local(1) },
          { to: W, value: sub(vector(W), mul(towards, lr)) },
        ],
        (step) => [rate(step)],
      );
    }
    case 'adadelta': {
      const { rho = 0.95, epsilon = 1e-7 } = spec;
      const sum = average(vector(FIRST), rho, square(0));
      const eps = constant(epsilon);
      // TensorFlow.js divides by the sum as it was before this step; the paper (Zeiler 2012) by the new one.
      const towards = mul(div(sqrt(add(vector(SECOND), eps)), sqrt(add(vector(FIRST), eps))), local(0));
      return rule(
        [0, 0],
        1,
        [sum, towards],
        [
          { to: FIRST, value: local(1) },
          { to: SECOND, value: average(vector(SECOND), rho, square(2)) },
          { to: W, value: sub(vector(W), mul(local(2), lr)) },
        ],
        (step) => [rate(step)],
      );
    }
    case 'adam':
    case 'adamw': {
      const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7 } = spec;
      const bias = spec.kind === 'adam' ? unbiased : exactlyUnbiased;
      const [first, second] = [bias(beta1), bias(beta2)];
      // Kingma & Ba (2015), algorithm 1; scalars 2 and 3 undo the bias towards the zeros of the start.
      const mean = average(vector(FIRST), beta1, local(0));
      const meanSquare = average(vector(SECOND), beta2, square(0));
      const towards = div(div(local(1), scalar(2)), add(sqrt(div(local(2), scalar(3))), constant(epsilon)));
      // Loshchilov & Hutter (2019): the decay acts on the weights, not through the gradient.
      const decay = spec.kind === 'adamw' ? (spec.weightDecay ?? 0.01) : 0;
      const step_ = decay === 0 ? towards : add(towards, mul(vector(W), constant(decay)));
      return rule(
        [0, 0],
        3,
        [mean, meanSquare],
        [
          { to: FIRST, value: local(1) },
          { to: SECOND, value: local(2) },
          { to: W, value: sub(vector(W), mul(step_, lr)) },
        ],
        (step) => [rate(step), first(step), second(step)],
      );
    }
    case 'adamax': {
      const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7, decay = 0 } = spec;
      const first = unbiased(beta1);
      const mean = average(vector(FIRST), beta1, local(0));
      const greatest = max(mul(vector(SECOND), constant(beta2)), abs(local(0)));
      return rule(
        [0, 0],
        1,
        [mean, greatest],
        [
          { to: FIRST, value: local(1) },
          { to: SECOND, value: local(2) },
          { to: W, value: sub(vector(W), mul(div(local(1), add(local(2), constant(epsilon))), lr)) },
        ],
        (step) => [rate(step) / ((step - 1) * decay + 1) / first(step)],
      );
    }
    case 'lion': {
      // Chen et al. (2023), algorithm 2.
      const { beta1 = 0.9, beta2 = 0.99, weightDecay = 0 } = spec;
      const towards = sign(average(vector(FIRST), beta1, local(0)));
      const whole = weightDecay === 0 ? towards : add(towards, mul(vector(W), constant(weightDecay)));
      return rule(
        [0],
        1,
        [],
        [
          { to: W, value: sub(vector(W), mul(whole, lr)) },
          { to: FIRST, value: average(vector(FIRST), beta2, local(0)) },
        ],
        (step) => [rate(step)],
      );
    }
  }
}
