/**
 * What a running cell says, and how those sayings become the outputs a reader sees.
 * The kernel emits events; the server stores them in order; browsers and the `.ipynb` file see the fold.
 */
import { z } from 'zod';
import { moveCursor, movesCursor } from './cursor.ts';

export { MIME } from './mime.ts';

/** MIME bundle: MIME type → text (base64 for binary types, JSON value for `+json` types). */
export const MimeBundle = z.record(z.string(), z.unknown());
export type MimeBundle = z.infer<typeof MimeBundle>;

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
  columns: z.array(
    z.object({
      name: z.string(),
      type: z.enum(['number', 'string', 'boolean', 'date', 'mixed']),
      /** What the column holds, said more exactly than by its type, e.g. `float32`. */
      kind: z.string().optional(),
    }),
  ),
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

/** Where the whole of a text is when a page shows only some of it. */
export const Spill = z.object({ url: z.string(), bytes: z.number().int(), lines: z.number().int() });
export type Spill = z.infer<typeof Spill>;

/** An error as a reader sees it. `frames` holds only the user's own frames, innermost first. */
export const CellError = z.object({
  name: z.string(),
  message: z.string(),
  frames: z.array(StackFrame),
  /** Set when `message` is only the beginning: the whole of it. */
  spill: Spill.optional(),
  /** Source lines around the innermost frame, with a caret; plain text. */
  excerpt: z.string().optional(),
  /** What led to it, nearest first: the `cause` chain, then the members of an `AggregateError`. */
  causes: z.array(z.object({ name: z.string(), message: z.string(), frames: z.array(StackFrame) })).optional(),
  /** Lines another kernel wrote into the file, kept as they were; they may hold terminal colours. */
  traceback: z.array(z.string()).optional(),
});
export type CellError = z.infer<typeof CellError>;

/** What is said during one execution, in order: by the kernel, and about it by the server (`skipped`, `spill`). */
export const OutputEvent = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('stream'),
    name: z.enum(['stdout', 'stderr']),
    text: z.string(),
    /** Characters that came before `text` and were left out because they would not be shown anyway. */
    skipped: z.number().int().positive().optional(),
  }),
  z.object({ type: z.literal('display'), data: MimeBundle, metadata: MimeBundle, id: z.string().optional() }),
  /** Replaces the data of every output displayed with this id. */
  z.object({ type: z.literal('update'), data: MimeBundle, metadata: MimeBundle, id: z.string() }),
  z.object({ type: z.literal('result'), data: MimeBundle, metadata: MimeBundle, count: z.number().int() }),
  z.object({ type: z.literal('error'), error: CellError }),
  /** An error in a timer or a promise that nobody awaited: it ended no run. `cell`: whose code it is, if that is known. */
  z.object({ type: z.literal('uncaught'), error: CellError, cell: z.string().optional() }),
  z.object({ type: z.literal('clear') }),
  /** The whole of this stream is kept elsewhere: says so on the last output of that name. */
  z.object({ type: z.literal('spill'), name: z.enum(['stdout', 'stderr']), spill: Spill }),
]);
export type OutputEvent = z.infer<typeof OutputEvent>;

/** Text as drawn under a cell. */
export const StreamOutput = z.object({
  type: z.literal('stream'),
  name: z.enum(['stdout', 'stderr']),
  /** What is shown; when characters are cut from the middle, with a line in their place that says how many. */
  text: z.string(),
  /** Set when text was cut: where in `text` the line begins that says so, and how many characters it stands for. */
  cut: z.object({ at: z.number().int(), characters: z.number().int() }).optional(),
  /** Set when text was cut: the whole stream. */
  spill: Spill.optional(),
});
export type StreamOutput = z.infer<typeof StreamOutput>;

/** One output as drawn under a cell. */
export const Output = z.discriminatedUnion('type', [
  StreamOutput,
  z.object({ type: z.literal('display'), data: MimeBundle, metadata: MimeBundle, id: z.string().optional() }),
  z.object({ type: z.literal('result'), data: MimeBundle, metadata: MimeBundle, count: z.number().int() }),
  z.object({
    type: z.literal('error'),
    error: CellError,
    /** Set when it ended no run: how often it happened, one after another, and whose code it is, if that is known. */
    uncaught: z.object({ times: z.number().int().positive(), cell: z.string().optional() }).optional(),
  }),
]);
export type Output = z.infer<typeof Output>;

/** Most characters of one stream kept in a page; what is over is cut from the middle, never from the end. */
export const STREAM_SHOWN = 128 * 1024;
const HEAD = STREAM_SHOWN / 4;
const TAIL = STREAM_SHOWN - HEAD;

/** Beyond this many outputs, text joins the last output of its stream, so that alternating streams cannot fill a page. */
const JOIN_FROM = 1000;

/**
 * Applies one event to a list of outputs and returns a new list (the input is not changed).
 * Adjacent stream text of one name is joined; returns and moves of the cursor overwrite lines, as in a terminal.
 */
export function foldOutput(outputs: readonly Output[], event: OutputEvent): Output[] {
  switch (event.type) {
    case 'stream': {
      const near = outputs.length - 1;
      const at = outputs.length < JOIN_FROM ? near : outputs.findLastIndex((output) => isStream(output, event.name));
      const last = outputs[at];
      if (last?.type !== 'stream' || last.name !== event.name) {
        return [...outputs, joinStream({ type: 'stream', name: event.name, text: '' }, event)];
      }
      return outputs.with(at, joinStream(last, event));
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
    case 'uncaught': {
      const { error, cell } = event;
      const last = outputs.at(-1);
      const again = last?.type === 'error' && last.uncaught && sameError(last.error, error) ? last.uncaught.times : 0;
      const uncaught = { times: again + 1, ...(cell === undefined ? {} : { cell }) };
      return [...(again > 0 ? outputs.slice(0, -1) : outputs), { type: 'error', error, uncaught }];
    }
    case 'clear':
      return [];
    case 'spill': {
      const at = outputs.findLastIndex((output) => isStream(output, event.name));
      const last = outputs[at];
      return last?.type === 'stream' ? outputs.with(at, { ...last, spill: event.spill }) : [...outputs];
    }
  }
}

/** Whether a reader would take them for the same, as those of a timer that fails each time. */
const sameError = (one: CellError, other: CellError): boolean =>
  one.name === other.name &&
  one.message === other.message &&
  JSON.stringify(one.frames) === JSON.stringify(other.frames);

const isStream = (output: Output, name: StreamOutput['name']): boolean =>
  output.type === 'stream' && output.name === name;

const notShown = (characters: number): string => `\n… ${characters.toLocaleString('en-US')} characters not shown …\n`;

function joinStream(last: StreamOutput, event: { text: string; skipped?: number | undefined }): StreamOutput {
  const { cut } = last;
  let head = cut ? last.text.slice(0, cut.at) : '';
  let hidden = cut?.characters ?? 0;
  let tail = cut ? last.text.slice(cut.at + notShown(hidden).length) : last.text;
  if (event.skipped) {
    if (!cut) {
      head = tail.slice(0, HEAD);
      tail = tail.slice(HEAD);
    }
    hidden += tail.length + event.skipped;
    tail = '';
  }
  tail += event.text;
  tail = movesCursor(tail) ? moveCursor(tail) : overwrite(tail);
  if (hidden === 0) {
    if (tail.length <= STREAM_SHOWN) return { ...last, text: tail };
    head = tail.slice(0, HEAD);
    tail = tail.slice(HEAD);
  }
  const over = Math.max(0, tail.length - TAIL);
  hidden += over;
  const text = head + notShown(hidden) + tail.slice(over);
  return { ...last, text, cut: { at: head.length, characters: hidden } };
}

/** Carriage returns as a terminal shows them: what follows one replaces the line so far. */
function overwrite(text: string): string {
  if (!text.includes('\r')) return text;
  const lines = text.split('\n');
  return lines.map((line, index) => lastWriting(line, index === lines.length - 1)).join('\n');
}

/** The line without what was overwritten. A return at the end of an open line has nothing after it yet and stays. */
function lastWriting(line: string, open: boolean): string {
  let end = line.length;
  while (end > 0 && line[end - 1] === '\r') end--;
  const start = end === 0 ? 0 : line.lastIndexOf('\r', end - 1) + 1;
  return line.slice(start, end) + (open && end < line.length ? '\r' : '');
}

/**
 * Stream events that show the same as one event with this text, but carry no more than a page would show of it:
 * overwritten lines and the middle of a long text are left out. For senders; the text is what came since the last event.
 */
export function boundedStream(name: StreamOutput['name'], text: string): Extract<OutputEvent, { type: 'stream' }>[] {
  let kept = text;
  // Where the cursor is moved, only who has the lines before knows what is written over.
  if (text.includes('\r') && !movesCursor(text)) {
    const newline = text.indexOf('\n');
    let end = newline < 0 ? text.length : newline;
    while (end > 0 && text[end - 1] === '\r') end--;
    kept = overwrite(text);
    // The first line goes on from what was said before, which its last return overwrites.
    if (text.slice(0, end).includes('\r')) return [{ type: 'stream', name, text: '\r' }, ...bounded(name, kept)];
  }
  return bounded(name, kept);
}

function bounded(name: StreamOutput['name'], text: string): Extract<OutputEvent, { type: 'stream' }>[] {
  if (text.length <= STREAM_SHOWN) return [{ type: 'stream', name, text }];
  const skipped = text.length - STREAM_SHOWN;
  return [
    { type: 'stream', name, text: text.slice(0, HEAD) },
    { type: 'stream', name, text: text.slice(-TAIL), skipped },
  ];
}
