/** Looking at many trials together. */
export { FEWEST_TRIALS, type Importance, type ImportanceOptions, importance, type Trials } from './fanova.ts';
