/** What notebooks use to show things; the package `trialroom` offers all of it. */
export { DISPLAY } from './bundle.ts';
export { Chart, type ChartOptions, chart } from './chart.ts';
export {
  clear,
  type Displayable,
  type DisplayHandle,
  display,
  html,
  image,
  json,
  markdown,
  type Pixels,
  svg,
  table,
} from './display.ts';
