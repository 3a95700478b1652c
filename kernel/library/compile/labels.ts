/** Class numbers that no class has: TensorFlow.js would train on them without a word. */
import type { Tensor } from '@tensorflow/tfjs';

/** A target of class numbers. */
export interface Labels {
  target: Tensor;
  classes: number;
  /** Of the output. */
  name: string;
}

/** @throws RangeError that says which label, where, is out of range */
export function checkLabels(values: ArrayLike<number>, { classes, name }: Labels): void {
  for (let index = 0; index < values.length; index++) {
    const label = values[index];
    if (Number.isInteger(label) && label !== undefined && label >= 0 && label < classes) continue;
    throw new RangeError(
      `the label of example ${index} is ${label}, and ${name} has ${classes} classes: labels go from 0 to ${classes - 1}`,
    );
  }
}
