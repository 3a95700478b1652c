/** What notebooks use to show things; the package `trialroom` offers all of it. */
export { DISPLAY } from './bundle.ts';
export { Chart, type ChartOptions, chart } from './chart.ts';
export { clear } from './clear.ts';
export {
  type Displayable,
  type DisplayHandle,
  display,
  html,
  image,
  json,
  latex,
  markdown,
  type Pixels,
  svg,
  table,
  vegaLite,
} from './display.ts';
export { Progress, type ProgressOptions, progress } from './progress.ts';
export type { TensorLike } from './tensor.ts';
