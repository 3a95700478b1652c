/**
 * The messages between a server (or the CLI) and a kernel. Each travels as one frame (`framing.ts`):
 * the header is one of the objects below, the payload is empty unless said otherwise.
 * The kernel knows executions, cells and trials by opaque ids; people, roles and databases are not its business.
 *
 * Life of a connection: the parent listens on a unix socket and starts the kernel with its path; the kernel connects
 * and sends `hello`; the parent sends `execute`s, one at a time or many (the kernel runs them in order of arrival).
 * Closing the socket ends the kernel.
 */
import { z } from 'zod';
import { CellError, MimeBundle } from '../notebook/outputs.ts';
import { WidgetSpec } from '../notebook/widgets.ts';
import { TrialScript } from '../trial/code.ts';
import { TrialEnvironment } from '../trial/environment.ts';

export { EXIT_BAD_START, EXIT_OUT_OF_MEMORY, OUTPUT_WINDOW, PROTOCOL_VERSION } from './limits.ts';

/** Which tensor engine runs, and why the better ones do not. */
export const BackendReport = z.object({
  /** e.g. `wasm` */
  name: z.string(),
  /** Short text for a chip, e.g. `CPU · wasm` */
  label: z.string(),
  /** The candidates in order of preference; `reason` says why one was passed over. */
  candidates: z.array(z.object({ name: z.string(), chosen: z.boolean(), reason: z.string() })),
});
export type BackendReport = z.infer<typeof BackendReport>;

const request = { request: z.number().int() };

/** Parent → kernel. */
export const ToKernel = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('execute'),
    execution: z.string(),
    cell: z.string(),
    /** The number shown beside the cell, `[n]`. */
    count: z.number().int(),
    source: z.string(),
    /** Most ms it may take; then it is stopped as by an interrupt, with an error that names the limit. */
    limitMs: z.number().positive().optional(),
    /** How many cores native work that it begins may take: its share of the machine. Absent: as the process was told. */
    threads: z.number().int().positive().optional(),
  }),
  /**
   * Where a kernel that was started ahead of need shall work from now on: its working directory, and where imports are
   * looked up. Sent before the first `execute`, if at all.
   */
  z.object({ type: z.literal('enter'), folder: z.string() }),
  /** Stops what runs, drops what waits; state is kept. Every dropped or stopped execution still gets its `done`. */
  z.object({ type: z.literal('interrupt') }),
  /** Reads a value without running side effects, even while a cell blocks. Answered by `answer`. */
  z.object({ type: z.literal('inspect'), ...request, expression: z.string() }),
  /** Asks for all top-level variables, also while a cell blocks. Answered by `answer` with {@link Variable}s. */
  z.object({ type: z.literal('variables'), ...request }),
  /**
   * Asks what can follow `expression.`, from the live value and without side effects. Answered by `answer` with
   * {@link LiveMember}s; an empty expression asks for the top-level names.
   */
  z.object({ type: z.literal('complete'), ...request, expression: z.string() }),
  /** A person changed a widget. Payload: the bytes of the file, for `file` widgets. */
  z.object({
    type: z.literal('widget.set'),
    widget: z.string(),
    value: z.unknown(),
    by: z.object({ id: z.string(), name: z.string() }).optional(),
  }),
  /** Asks for a backend choice without running a cell. Answered by `backend`. */
  z.object({ type: z.literal('probe') }),
  /** Answer to a `call` of the kernel's. */
  z.discriminatedUnion('ok', [
    z.object({ type: z.literal('reply'), ...request, ok: z.literal(true), value: z.unknown() }),
    z.object({ type: z.literal('reply'), ...request, ok: z.literal(false), error: z.string() }),
  ]),
  /** `points` and `log` up to and including `seq` are durable; the kernel may forget them. */
  z.object({ type: z.literal('trial.ack'), trial: z.string(), seq: z.number().int() }),
  /** The kernel's share of the cores is another now; it takes effect at the next step of what runs, or is run later. */
  z.object({ type: z.literal('share'), threads: z.number().int().positive() }),
  /**
   * A person's wish; the library obeys at the next step. A stop overrules a pause, and is not taken back. `release` is a
   * pause after which the process may end, where the code writes a checkpoint. `released`: it was given up so, and the
   * process goes on without it: its code leaves it at once, and the execution ends as one that was interrupted.
   */
  z.object({
    type: z.literal('trial.control'),
    trial: z.string(),
    action: z.enum(['stop', 'pause', 'release', 'released', 'resume']),
  }),
  /**
   * What the parent has taken in since its last `credit`: the sum of `Frame.bytes` over **every** frame it read, whatever
   * its type. The kernel stops a cell that prints (it blocks in the write) while more than {@link OUTPUT_WINDOW} bytes
   * are not credited, so a parent must send credit as it works frames off, at least once for each quarter of the window.
   */
  z.object({ type: z.literal('credit'), bytes: z.number().int() }),
  /** End after flushing. */
  z.object({ type: z.literal('shutdown') }),
]);
export type ToKernel = z.infer<typeof ToKernel>;

/** How an execution ended: `aborted` means interrupted, or dropped from the queue by an interrupt. */
export const ExecutionEnd = z.enum(['ok', 'error', 'aborted']);
export type ExecutionEnd = z.infer<typeof ExecutionEnd>;

/** A top-level variable as a list shows it. */
export const Variable = z.object({
  name: z.string(),
  /** e.g. `number`, `Tensor`, `Array`, `Float32Array`, `(a, b) =>` */
  type: z.string(),
  /** e.g. `[60000, 784]` or `1,024 items`, where the value has a size */
  shape: z.string().optional(),
  /** One line, at most 200 characters. */
  preview: z.string(),
  /** Bytes held, where they can be told cheaply. */
  bytes: z.number().optional(),
});
export type Variable = z.infer<typeof Variable>;

/** A property of a live value. */
export const LiveMember = z.object({ name: z.string(), kind: z.enum(['function', 'class', 'variable', 'property']) });
export type LiveMember = z.infer<typeof LiveMember>;

/** What the library asks when a cell wants text from a person. `stdin`: a line of the standard input, which can end. */
export const InputAsk = z.object({
  prompt: z.string().max(10_000),
  password: z.boolean(),
  stdin: z.boolean().optional(),
});
export type InputAsk = z.infer<typeof InputAsk>;

/** Amount done of a known or unknown total, in steps. */
export const Progress = z.object({
  done: z.number().nonnegative(),
  total: z.number().positive().optional(),
  /** e.g. `epoch 2 of 3` */
  note: z.string().optional(),
});
export type Progress = z.infer<typeof Progress>;

/** What the library asks when a notebook opens a trial. */
export const TrialOpen = z.object({
  experiment: z.string().min(1).max(200),
  name: z.string().min(1).max(200),
  params: z.record(z.string(), z.unknown()),
  /** Metric that the trial is judged by, and whether lower or higher is better. */
  objective: z.object({ key: z.string(), direction: z.enum(['minimise', 'maximise']) }).optional(),
  tags: z.array(z.string().min(1).max(100)).max(100).optional(),
  environment: TrialEnvironment.optional(),
  /** The entry file, where the trial is opened by a program and not by a cell. */
  script: TrialScript.optional(),
});
export type TrialOpen = z.infer<typeof TrialOpen>;

const call = { type: z.literal('call'), ...request, execution: z.string() };

/** Kernel → parent. */
export const FromKernel = z.discriminatedUnion('type', [
  z.object({ type: z.literal('hello'), version: z.number().int(), pid: z.number().int(), node: z.string() }),
  /** The kernel's main thread has begun this execution. */
  z.object({ type: z.literal('started'), execution: z.string(), at: z.number() }),
  /**
   * Names of the notebook's top level that the cell binds and those it reads without binding them itself (globals of the
   * platform included). Sent before `started`, unless the cell does not parse.
   */
  z.object({
    type: z.literal('names'),
    execution: z.string(),
    defines: z.array(z.string()),
    uses: z.array(z.string()),
  }),
  z.object({ type: z.literal('stream'), execution: z.string(), name: z.enum(['stdout', 'stderr']), text: z.string() }),
  z.object({
    type: z.literal('display'),
    execution: z.string(),
    data: MimeBundle,
    metadata: MimeBundle,
    id: z.string().optional(),
  }),
  z.object({
    type: z.literal('update'),
    execution: z.string(),
    data: MimeBundle,
    metadata: MimeBundle,
    id: z.string(),
  }),
  z.object({
    type: z.literal('result'),
    execution: z.string(),
    data: MimeBundle,
    metadata: MimeBundle,
    count: z.number().int(),
  }),
  z.object({ type: z.literal('error'), execution: z.string(), error: CellError }),
  /** As the output event of this name: it ends nothing, and comes also when its execution is over. */
  z.object({ type: z.literal('uncaught'), execution: z.string(), error: CellError, cell: z.string().optional() }),
  z.object({ type: z.literal('clear'), execution: z.string() }),
  /** Sent once for each `execute`, after all its output was sent. `ms` is the time on the main thread. */
  z.object({ type: z.literal('done'), execution: z.string(), end: ExecutionEnd, ms: z.number() }),
  z.object({ type: z.literal('answer'), ...request, ok: z.boolean(), value: z.unknown() }),
  z.object({ type: z.literal('backend'), report: BackendReport }),
  /**
   * A request that the parent must answer with `reply`: `trial.open` with {@link TrialOpened}, `input` with the text that
   * a person gave. A call of an execution that ends is answered by nobody.
   */
  z.discriminatedUnion('method', [
    z.object({ ...call, method: z.literal('trial.open'), params: TrialOpen }),
    z.object({ ...call, method: z.literal('input'), params: InputAsk }),
  ]),
  /** The code made a widget; it appears where a display with the widget's MIME type names it. */
  z.object({
    type: z.literal('widget.open'),
    execution: z.string(),
    widget: z.string(),
    spec: WidgetSpec,
    value: z.unknown(),
  }),
  /** The code changed a widget. */
  z.object({ type: z.literal('widget.set'), widget: z.string(), value: z.unknown() }),
  /** The code no longer listens; the widget stays visible and is greyed out. */
  z.object({ type: z.literal('widget.close'), widget: z.string() }),
  /**
   * Payload: the columns of `shared/trial/points.ts`. `seq` counts from 1 for each trial; points, events, evaluations and
   * artifacts share the count, and each is answered by a `trial.ack` when it is durable.
   */
  z.object({
    type: z.literal('trial.points'),
    trial: z.string(),
    execution: z.string(),
    seq: z.number().int(),
    keys: z.array(z.object({ key: z.string(), count: z.number().int() })),
  }),
  /** Payload: UTF-8 JSON, an array of `SaidEvent`s (`shared/trial/event.ts`). */
  z.object({ type: z.literal('trial.events'), trial: z.string(), execution: z.string(), seq: z.number().int() }),
  /** Payload: UTF-8 JSON, an `Evaluation` (`shared/trial/evaluation.ts`). A later one of the same name replaces it. */
  z.object({ type: z.literal('trial.evaluation'), trial: z.string(), execution: z.string(), seq: z.number().int() }),
  /**
   * A file that the trial made. Payload: a piece of it; pieces are counted from 0 and come in order, `last` ends the file. A
   * later file of the same name is its next version.
   */
  z.object({
    type: z.literal('trial.artifact'),
    trial: z.string(),
    execution: z.string(),
    seq: z.number().int(),
    name: z.string().min(1).max(300),
    kind: z.enum(['model', 'checkpoint', 'predictions', 'parameters', 'environment', 'media', 'file']),
    piece: z.number().int().nonnegative(),
    last: z.boolean(),
  }),
  z.object({ type: z.literal('trial.progress'), trial: z.string(), progress: Progress }),
  /**
   * The code waits between two steps, as a person wished (`true`), or goes on (`false`). `released`: a release was wished,
   * and the newest checkpoint holds all that is needed, so that the process may be ended.
   */
  z.object({
    type: z.literal('trial.paused'),
    trial: z.string(),
    paused: z.boolean(),
    released: z.boolean().optional(),
  }),
  /** Final figures by name, e.g. `{ testAccuracy: 0.981 }`; merged into what was said before. */
  z.object({ type: z.literal('trial.summary'), trial: z.string(), summary: z.record(z.string(), z.unknown()) }),
  /** The notebook says that the trial is over. */
  z.object({ type: z.literal('trial.finish'), trial: z.string(), end: z.enum(['completed', 'failed', 'stopped']) }),
  /**
   * What the process uses. `samples`: figures of the process and its machine by metric key (`system/…`), given while a
   * trial is open; they become points of every trial that runs in this kernel.
   */
  z.object({
    type: z.literal('gauge'),
    memory: z.number(),
    cpu: z.number(),
    at: z.number().optional(),
    samples: z.record(z.string(), z.number()).optional(),
  }),
]);
export type FromKernel = z.infer<typeof FromKernel>;

/** Value of the reply to `trial.open`. */
export const TrialOpened = z.object({
  trial: z.string(),
  /** Path of the room, e.g. `/trials/01J…`; absent without a server. */
  room: z.string().optional(),
  /** Set when the trial ran before, in another process: what it can go on from. */
  resume: z
    .object({
      /** The newest of each folder, the newest first. */
      checkpoints: z.array(z.object({ path: z.string(), step: z.number() })),
      /** Numbers of messages up to here are taken: the count goes on after it. */
      after: z.number().int(),
    })
    .optional(),
});
export type TrialOpened = z.infer<typeof TrialOpened>;
