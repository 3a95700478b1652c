/**
 * Shape and element type of what a TensorFlow.js kernel gives, from those of what it takes. A training step is recorded
 * with these instead of being computed, so that recording costs milliseconds whatever the model's size.
 */
import type { TensorFlow } from '../../tensorflow.ts';
import { ARRANGE } from './arrange.ts';
import { ELEMENTWISE } from './elementwise.ts';
import type { Attrs, Inputs, Outline, ShapeOf } from './outline.ts';
import { WINDOW } from './window.ts';

export type { Attrs, Inputs, Outline } from './outline.ts';

const SHAPES: ReadonlyMap<string, ShapeOf> = new Map(Object.entries({ ...ELEMENTWISE, ...ARRANGE, ...WINDOW }));

/** True when the outline of what the kernel gives is known. */
export const hasShape = (kernel: string): boolean => SHAPES.has(kernel);

/**
 * Outlines of a kernel's outputs.
 * @throws Error when the kernel is not known, or its inputs do not fit
 */
export function outlinesOf(kernel: string, inputs: Inputs, attrs: Attrs, tf: TensorFlow): Outline[] {
  const shapeOf = SHAPES.get(kernel);
  if (!shapeOf) throw new Error('it has no compiled form');
  const outlines = shapeOf(inputs, attrs, tf);
  return (Array.isArray(outlines) ? outlines : [outlines]).map(({ shape, dtype }) => ({ shape: [...shape], dtype }));
}
