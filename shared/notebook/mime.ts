/** The names of our own MIME types, apart from the schemas of their data so that a kernel can start without these. */

/** MIME types of our own; each is always accompanied by `text/plain` (and `text/html` where it makes sense). */
export const MIME = {
  /** `{ columns: {name, type}[], rows: unknown[][], total: number }` */
  table: 'application/vnd.trialroom.table+json',
  /** {@link ChartData}: a line chart that grows while the cell runs. */
  chart: 'application/vnd.trialroom.chart+json',
  /** `{ trial: string }`: draws the live chart of that trial and links to its room. */
  trial: 'application/vnd.trialroom.trial+json',
  /** `{ widget: string }`: an input that everyone in the notebook shares; see `widgets.ts`. */
  widget: 'application/vnd.trialroom.widget+json',
  /** `ProgressData` of `progress.ts`: a progress bar. */
  progress: 'application/vnd.trialroom.progress+json',
  /** A Vega-Lite specification with its data; the name that other tools know it by. */
  vegaLite: 'application/vnd.vegalite.v5+json',
  /** `{ sha256, bytes, mime, preview }`: the value was too big for the page; the whole of it is at `/api/blobs/:sha256`. */
  blob: 'application/vnd.trialroom.blob+json',
} as const;
