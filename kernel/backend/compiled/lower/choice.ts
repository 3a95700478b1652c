/** Choices by chance. What is random about them is drawn outside and comes in; here it is only looked up. */
import { numberOf } from '../attributes.ts';
import { ELEMENT } from '../onnx.ts';
import type { Lower } from './lowering.ts';

/** The event into whose share of [0, 1) the drawn number falls: as many events as end at or before it come earlier. */
const multinomial: Lower = (operation, lowering) => {
  const { graph } = lowering;
  const [logits, draws] = [lowering.input(operation, 'logits'), lowering.input(operation, 'draws')];
  const [rows = 1, events = 1] = logits.shape;
  const given = lowering.floating(lowering.last(logits), logits.dtype);
  const shares = operation.attrs.normalized === true ? given : graph.apply('Softmax', [given], { axis: 1 });
  // The last event takes whatever is left, so that no rounding leaves a number without one.
  const known = graph.apply('Slice', [shares, graph.list([0]), graph.list([events - 1]), graph.list([1])]);
  const { name: axis } = graph.constant('int64', [], [1]);
  const ends = graph.apply('CumSum', [known, axis]);
  const under = graph.apply('Less', [
    lowering.last(draws, [1, numberOf(operation.attrs.numSamples, 1), 1]),
    graph.apply('Reshape', [ends, graph.list([rows, 1, events - 1])]),
  ]);
  const passed = graph.apply('Cast', [graph.apply('Not', [under])], { to: ELEMENT.float32 });
  const count = graph.apply('ReduceSum', [passed, graph.list([2])], { keepdims: 0 });
  lowering.made(operation, graph.apply('Cast', [count], { to: ELEMENT.int32 }));
};

/** The lowerings of these kernels, by the kernel's name. */
export const CHOICE: Record<string, Lower> = { Multinomial: multinomial };
