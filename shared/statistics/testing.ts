/** What tests of statistics share. */
import { expect } from 'vitest';

// Reference values were computed once with SciPy 1.17.1 (`scipy.stats`), whose call stands beside each.
/** Fails unless two figures agree to so many digits. */
export const close = (actual: number | undefined, expected: number, relative = 1e-10): void => {
  expect(Math.abs((actual ?? Number.NaN) - expected)).toBeLessThanOrEqual(relative * Math.abs(expected) + 1e-300);
};

/** Readings of two groups. */
export const FIRST = [0.912, 0.921, 0.918, 0.905, 0.931];
export const SECOND = [0.934, 0.929, 0.941, 0.938];
