/**
 * What a running cell says, and how those sayings become the outputs a reader sees.
 * The kernel emits events; the server stores them in order; browsers and the `.ipynb` file see the fold.
 */
import { z } from 'zod';

/** MIME bundle: MIME type → text (base64 for binary types, JSON value for `+json` types). */
export const MimeBundle = z.record(z.string(), z.unknown());
export type MimeBundle = z.infer<typeof MimeBundle>;

/** MIME types of our own; each is always accompanied by `text/plain` (and `text/html` where it makes sense). */
export const MIME = {
  /** `{ columns: {name, type}[], rows: unknown[][], total: number }` */
  table: 'application/vnd.trialroom.table+json',
  /** {@link ChartData}: a line chart that grows while the cell runs. */
  chart: 'application/vnd.trialroom.chart+json',
  /** `{ trial: string }`: draws the live chart of that trial and links to its room. */
  trial: 'application/vnd.trialroom.trial+json',
  /** `{ sha256, bytes, mime, preview }`: the value was too big for the page; the whole of it is at `/api/blobs/:sha256`. */
  blob: 'application/vnd.trialroom.blob+json',
} as const;

/** Data of a live line chart. `x` and each `y` have equal length; `null` marks a value that is not finite. */
export const ChartData = z.object({
  title: z.string().optional(),
  xLabel: z.string().optional(),
  x: z.array(z.number()),
  series: z.array(z.object({ name: z.string(), y: z.array(z.number().nullable()) })),
});
export type ChartData = z.infer<typeof ChartData>;

/** Data of a table output; `rows` may be a preview of `total` rows. */
export const TableData = z.object({
  columns: z.array(z.object({ name: z.string(), type: z.enum(['number', 'string', 'boolean', 'date', 'mixed']) })),
  rows: z.array(z.array(z.unknown())),
  total: z.number().int().nonnegative(),
});
export type TableData = z.infer<typeof TableData>;

/** One frame of a user's stack: 1-based line and column within the named cell (or file). */
export const StackFrame = z.object({
  /** Cell id when the frame is in a cell, else undefined. */
  cell: z.string().optional(),
  file: z.string().optional(),
  line: z.number().int(),
  column: z.number().int(),
  name: z.string().optional(),
});
export type StackFrame = z.infer<typeof StackFrame>;

/** An error as a reader sees it. `frames` holds only the user's own frames, innermost first. */
export const CellError = z.object({
  name: z.string(),
  message: z.string(),
  frames: z.array(StackFrame),
  /** Source lines around the innermost frame, with a caret; plain text. */
  excerpt: z.string().optional(),
  /** What led to it, nearest first: the `cause` chain, then the members of an `AggregateError`. */
  causes: z.array(z.object({ name: z.string(), message: z.string(), frames: z.array(StackFrame) })).optional(),
});
export type CellError = z.infer<typeof CellError>;

/** What the kernel says during one execution, in order. */
export const OutputEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('stream'), name: z.enum(['stdout', 'stderr']), text: z.string() }),
  z.object({ type: z.literal('display'), data: MimeBundle, metadata: MimeBundle, id: z.string().optional() }),
  /** Replaces the data of every output displayed with this id. */
  z.object({ type: z.literal('update'), data: MimeBundle, metadata: MimeBundle, id: z.string() }),
  z.object({ type: z.literal('result'), data: MimeBundle, metadata: MimeBundle, count: z.number().int() }),
  z.object({ type: z.literal('error'), error: CellError }),
  z.object({ type: z.literal('clear') }),
]);
export type OutputEvent = z.infer<typeof OutputEvent>;

/** One output as drawn under a cell. */
export type Output =
  | {
      type: 'stream';
      name: 'stdout' | 'stderr';
      text: string /** set when text was cut: the whole stream. */;
      spill?: Spill;
    }
  | { type: 'display'; data: MimeBundle; metadata: MimeBundle; id?: string }
  | { type: 'result'; data: MimeBundle; metadata: MimeBundle; count: number }
  | { type: 'error'; error: CellError };

/** Where the whole of a stream is when only its head and tail are shown. */
export interface Spill {
  url: string;
  bytes: number;
  lines: number;
}

/** Most characters of one stream kept in a page; what is over is cut from the middle, never from the end. */
export const STREAM_SHOWN = 128 * 1024;

/**
 * Applies one event to a list of outputs and returns a new list (the input is not changed).
 * Adjacent stream text of one name is joined; carriage returns overwrite the current line, as a terminal does.
 */
export function foldOutput(outputs: readonly Output[], event: OutputEvent): Output[] {
  switch (event.type) {
    case 'stream': {
      const last = outputs.at(-1);
      if (last?.type === 'stream' && last.name === event.name) {
        return [...outputs.slice(0, -1), { ...last, text: cutMiddle(overwrite(last.text + event.text)) }];
      }
      return [...outputs, { type: 'stream', name: event.name, text: cutMiddle(overwrite(event.text)) }];
    }
    case 'display': {
      const { data, metadata, id } = event;
      return [
        ...outputs,
        id === undefined ? { type: 'display', data, metadata } : { type: 'display', data, metadata, id },
      ];
    }
    case 'update':
      return outputs.map((output) =>
        output.type === 'display' && output.id === event.id
          ? { ...output, data: event.data, metadata: event.metadata }
          : output,
      );
    case 'result':
      return [...outputs, { type: 'result', data: event.data, metadata: event.metadata, count: event.count }];
    case 'error':
      return [...outputs, { type: 'error', error: event.error }];
    case 'clear':
      return [];
  }
}

const CUT = /\n… [\d,]+ characters not shown …\n/;

function cutMiddle(text: string): string {
  if (text.length <= STREAM_SHOWN) return text;
  const head = text.slice(0, STREAM_SHOWN / 4);
  const tail = text.slice(-(STREAM_SHOWN * 3) / 4);
  const middle = text.slice(head.length, text.length - tail.length);
  const before =
    CUT.exec(middle)?.[0]
      .match(/[\d,]+/)?.[0]
      .replaceAll(',', '') ?? '0';
  const cut = middle.replace(CUT, '').length + Number(before);
  return `${head}\n… ${cut.toLocaleString('en-US')} characters not shown …\n${tail}`;
}

function overwrite(text: string): string {
  if (!text.includes('\r')) return text;
  return text.replaceAll('\r\n', '\n').replace(/[^\n]*\r(?=[^\n\r])/g, '');
}
