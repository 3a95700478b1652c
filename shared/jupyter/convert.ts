/**
 * What a kernel of ours says → what Jupyter's clients hear: contents of iopub messages and of replies. Pure functions;
 * whether they travel over ZeroMQ or a WebSocket is nothing to them. `is_complete` needs a parser and so is not here:
 * `kernel/jupyter/complete-code.ts` answers it.
 */
import type { ExecutionEnd } from '../kernel/protocol.ts';
import { inBrief } from '../notebook/brief.ts';
import type { CellError, OutputEvent, StackFrame } from '../notebook/outputs.ts';
import { uncaughtText } from '../notebook/uncaught.ts';
import { jupyterBundle } from './bundles.ts';
import { type Json, JUPYTER_PROTOCOL } from './messages.ts';

/** A message of the iopub channel without its header. */
export interface Iopub {
  type: 'stream' | 'display_data' | 'update_display_data' | 'execute_result' | 'error' | 'clear_output';
  content: Json;
}

/** How errors are written for a client. */
export interface ConvertOptions {
  /** How a traceback calls a cell; by default as its id does. */
  cellName?: (cell: string) => string;
  /** Terminal colours in tracebacks; on by default. */
  colours?: boolean;
}

/** One output as Jupyter says it; undefined for what Jupyter has no word for (`spill`). */
export function toIopub(event: OutputEvent, options: ConvertOptions = {}): Iopub | undefined {
  switch (event.type) {
    case 'stream': {
      const text =
        event.skipped === undefined ? event.text : `\n… ${event.skipped} characters not shown …\n${event.text}`;
      return { type: 'stream', content: { name: event.name, text } };
    }
    case 'display':
      return { type: 'display_data', content: shown(event.data, event.metadata, event.id) };
    case 'update':
      return { type: 'update_display_data', content: shown(event.data, event.metadata, event.id) };
    case 'result':
      return {
        type: 'execute_result',
        content: { execution_count: event.count, ...shown(event.data, event.metadata) },
      };
    case 'error':
      return { type: 'error', content: errorContent(event.error, options) };
    case 'uncaught':
      // An `error` would fail the cell that went well.
      return { type: 'stream', content: { name: 'stderr', text: uncaughtText(event.error, event.cell) } };
    case 'clear':
      return { type: 'clear_output', content: { wait: false } };
    case 'spill':
      return undefined;
  }
}

const shown = (data: Json, metadata: Json, id?: string): Json => ({
  data: jupyterBundle(data),
  metadata,
  transient: id === undefined ? {} : { display_id: id },
});

/** `ename`, `evalue` and `traceback`, for the iopub message and the reply alike. */
const errorContent = (whole: CellError, options: ConvertOptions = {}): Json => {
  // Clients draw all that they get.
  const error = inBrief(whole);
  return { ename: error.name, evalue: error.message, traceback: traceback(error, options) };
};

const ESCAPE = '\u001b';

/** An error as lines for a terminal: what, the lines of source around it, where, and what caused it. */
export function traceback(
  error: CellError,
  { cellName = (cell) => cell, colours = true }: ConvertOptions = {},
): string[] {
  if (error.traceback) return error.traceback;
  const paint = (code: number, text: string): string => (colours ? `${ESCAPE}[${code}m${text}${ESCAPE}[0m` : text);
  const place = ({ cell, file, line, column }: StackFrame): string =>
    paint(36, `${cell === undefined ? (file ?? '<unknown>') : cellName(cell)}:${line}:${column}`);
  const at = (frame: StackFrame): string =>
    frame.name === undefined ? `    at ${place(frame)}` : `    at ${frame.name} (${place(frame)})`;
  const said = (name: string, message: string): string[] => {
    const [first = '', ...rest] = message.split('\n');
    return [`${paint(31, name)}: ${first}`, ...rest];
  };
  const excerpt = (error.excerpt?.split('\n') ?? []).map((line) =>
    line.startsWith('>') ? paint(1, line) : /^[\s|]*\^$/.test(line) ? paint(31, line) : line,
  );
  const causes = (error.causes ?? []).flatMap(({ name, message, frames }) => {
    const [first = '', ...rest] = said(name, message);
    return [`Caused by ${first}`, ...rest, ...frames.map(at)];
  });
  return [...said(error.name, error.message), ...excerpt, ...error.frames.map(at), ...causes];
}

/** What an `execute_reply` is made of. */
export interface ExecuteOutcome {
  end: ExecutionEnd;
  count: number;
  /** What went wrong, unless `end` is `ok`. */
  error?: CellError | undefined;
  userExpressions?: Json | undefined;
  payload?: Json[] | undefined;
}

/** Content of an `execute_reply`. A stopped execution is an error to Jupyter; one that never began is `aborted`. */
export function executeReply(outcome: ExecuteOutcome, options: ConvertOptions = {}): Json {
  const { end, count, error, userExpressions = {}, payload = [] } = outcome;
  if (end === 'ok') {
    return { status: 'ok', execution_count: count, user_expressions: userExpressions, payload };
  }
  if (error) {
    return {
      status: 'error',
      execution_count: count,
      ...errorContent(error, options),
      user_expressions: userExpressions,
      payload,
    };
  }
  return abortedReply(count);
}

/** Content of the `execute_reply` to a request that was dropped from the queue. */
export const abortedReply = (count: number): Json => ({
  status: 'aborted',
  execution_count: count,
  ename: 'Aborted',
  evalue: 'An earlier cell failed or was interrupted, so this one did not run.',
  traceback: [],
});

/** Content of an error reply to any other request. */
export const failedReply = (name: string, message: string): Json => ({
  status: 'error',
  ename: name,
  evalue: message,
  traceback: [`${name}: ${message}`],
});

/** The language, as `kernel_info_reply` and a notebook's metadata name it. */
const languageInfo = (version: string): Json => ({
  name: 'typescript',
  version,
  mimetype: 'text/x.typescript',
  file_extension: '.ts',
  pygments_lexer: 'typescript',
  codemirror_mode: 'typescript',
  nbconvert_exporter: 'script',
});

/** What a kernel says of itself. */
export interface KernelAbout {
  /** Version of the product. */
  version: string;
  /** e.g. `v24.21.0` */
  node: string;
}

/** Content of a `kernel_info_reply`. */
export const kernelInfo = ({ version, node }: KernelAbout): Json => ({
  status: 'ok',
  protocol_version: JUPYTER_PROTOCOL,
  implementation: 'trialroom',
  implementation_version: version,
  language_info: languageInfo(TYPESCRIPT),
  banner: `Trialroom ${version}: TypeScript on Node ${node.replace(/^v/, '')}`,
  debugger: false,
  supported_features: [],
  help_links: [
    { text: 'TypeScript', url: 'https://www.typescriptlang.org/docs/' },
    { text: 'Node.js', url: 'https://nodejs.org/api/' },
    { text: 'TensorFlow.js', url: 'https://js.tensorflow.org/api/latest/' },
  ],
});

/** The TypeScript whose syntax cells may use. */
const TYPESCRIPT = '7.0';
