/**
 * `trialroom run`: a notebook from top to bottom in a kernel of its own, with parameters, without a server or a database.
 * Progress goes to the terminal, the executed notebook to a file, its trials to a server if one is named; it ends with 1
 * when a cell fails. It never touches the notebook it was given.
 */
import { readFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { text as read } from 'node:stream/consumers';
import { foreignLanguage, foreignReason } from '@trialroom/shared/notebook/foreign';
import {
  type NotebookFile,
  NotebookFormatError,
  parseNotebook,
  serialiseNotebook,
} from '@trialroom/shared/notebook/format';
import type { CellError } from '@trialroom/shared/notebook/outputs';
import { uncaughtText } from '@trialroom/shared/notebook/uncaught';
import { remoteSettings } from '@trialroom/shared/remote/settings';
import { Refusal } from '../http/refusal.ts';
import { runNotebook } from '../sessions/headless/headless.ts';
import { injectParameters } from '../sessions/headless/injected.ts';
import { marked, unmarked } from './markers.ts';
import { encodedParameters, parametersFrom, parametersIn, unknownParameters } from './parameters.ts';
import { openPrinted } from './printed.ts';
import { withoutSources } from './report.ts';
import { TerminalTrials } from './trials.ts';
import { mustBeWritable, STANDARD, writeResult } from './written.ts';

/** How the names of parameters begin that say where notebooks lie. */
const PATHS = 'PAPERMILL_';

/** Flags of `run`. */
export interface RunFlags {
  param?: Record<string, unknown>;
  paramRaw?: Record<string, unknown>;
  /** JSON or YAML files of parameters; what comes later wins. */
  paramsFile?: readonly string[] | undefined;
  /** Parameters as JSON or YAML. */
  parameters_yaml?: readonly string[] | undefined;
  /** The same in base64. */
  parameters_base64?: readonly string[] | undefined;
  injectInputPath?: boolean | undefined;
  injectOutputPath?: boolean | undefined;
  injectPaths?: boolean | undefined;
  /** `-` is the standard output. */
  out?: string | undefined;
  prepareOnly?: boolean | undefined;
  cwd?: string | undefined;
  /** Longest time of one cell, in s. */
  cellTimeout?: number | undefined;
  memory?: number | undefined;
  /** Name of the tensor engine. */
  backend?: string | undefined;
  /** Longest time that the kernel may take to start, in s. */
  startTimeout?: number | undefined;
  /** The result hides the sources of its cells. */
  reportMode?: boolean | undefined;
  logOutput?: boolean | undefined;
  /** Files for what cells print. */
  stdoutFile?: string | undefined;
  stderrFile?: string | undefined;
  progressBar?: boolean | undefined;
  /** The server that is told of its trials, and a token for it; else those of the environment. */
  url?: string | undefined;
  token?: string | undefined;
  quiet?: boolean | undefined;
}

/**
 * Runs the notebook at `path` (`-`: from the standard input). Exit code 0 when every cell ran, 1 when one failed, 130 when
 * it was stopped.
 * @throws Refusal when it cannot be read, a parameter is unreadable, or the result cannot be written
 */
export async function run(path: string, flags: RunFlags): Promise<void> {
  const { out, memory, backend, cellTimeout, logOutput = false } = flags;
  // What is asked for on the standard output stands there alone.
  const quiet = flags.quiet === true || out === STANDARD;
  const notebook = unmarked(parsed(await textOf(path), path));
  const params = await parametersOf(path, flags);
  const store = (to: string, result: typeof notebook): Promise<void> =>
    writeResult(to, serialiseNotebook(flags.reportMode ? withoutSources(result) : result));
  const say = (line: string): void => {
    if (!quiet) console.log(line);
  };
  for (const name of unknownParameters(notebook, params)) {
    if (name.startsWith(PATHS)) continue;
    console.error(`  note: no cell tagged “parameters” mentions ${name}; is it spelt right?`);
  }
  if (out !== undefined) await mustBeWritable(out);
  // Who reads along may leave: the run goes on. A result that cannot be written is told by who writes it.
  process.stdout.on('error', () => {});
  // Without any, what an earlier run was given stays.
  const given = Object.keys(params).length > 0 ? { params } : {};
  if (flags.prepareOnly) {
    await store(out ?? STANDARD, asRun(notebook, given.params));
    return;
  }
  refuseForeign(notebook, path);
  const settings = remoteSettings({ url: flags.url, token: flags.token }, process.env);
  const bare = quiet || flags.progressBar === false;
  const sink = new TerminalTrials(quiet, bare);
  const told = settings && (await import('./told.ts')).toldTrials(settings, sink, path, asRun(notebook, given.params));
  const stop = new AbortController();
  let signals = 0;
  const onSignal = (): void => {
    if (++signals > 1) {
      if (told?.leave()) console.error(`What is not delivered yet is kept: npx trialroom sync ${settings?.spool}`);
      process.exit(130);
    }
    console.error('\nStopping after this step. Ctrl C again ends at once.');
    stop.abort();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  const printed = openPrinted(flags);
  let failing: CellError | undefined;
  const running = runNotebook({
    notebook,
    ...given,
    cwd: resolve(flags.cwd ?? (path === STANDARD ? '.' : dirname(resolve(path)))),
    memoryMb: memory,
    backend,
    ...(flags.startTimeout === undefined ? {} : { startLimitMs: flags.startTimeout * 1000 }),
    ...(cellTimeout === undefined ? {} : { cellLimitMs: cellTimeout * 1000 }),
    trials: told ?? sink,
    ...(told && { results: told, onWish: (trial, heard) => told.onWish(trial, heard) }),
    origin: { notebook: null, by: null },
    signal: stop.signal,
    onCell: (_cell, index, total) => {
      if (!bare && !sink.showing) say(`  cell ${index + 1} of ${total}`);
    },
    onOutput: (_cell, event) => {
      if (event.type === 'error') failing = event.error;
      const said =
        event.type === 'stream'
          ? event
          : event.type === 'uncaught'
            ? { name: 'stderr' as const, text: uncaughtText(event.error, event.cell) }
            : undefined;
      if (!said) return;
      printed[said.name]?.write(said.text);
      if (logOutput) process[out === STANDARD ? 'stderr' : said.name].write(said.text);
    },
    ...(out === undefined || out === STANDARD ? {} : { onStep: (soFar) => store(out, soFar) }),
  });
  try {
    const result = await running.finally(async () => {
      for (const file of Object.values(printed)) await new Promise<void>((closed) => file.end(closed));
    });
    sink.end();
    const { notebook: executed, failed, end } = result;
    if (out !== undefined) {
      const left = end === 'failed' && failed ? marked(executed, failed.cell, failed.error) : executed;
      await store(out, left);
      say(`  written to ${out}`);
    }
    for (const [name, value] of Object.entries(sink.figures)) say(`  ${name} ${String(value)}`);
    if (end === 'completed') return;
    process.exitCode = end === 'stopped' ? 130 : 1;
    const error = failed?.error ?? failing;
    console.error(`${basename(path)}: ${end}${failed ? ` in cell ${failed.index + 1}` : ''}`);
    if (error) console.error(inWords(error));
  } finally {
    // Nothing is left to stop but the wait for what is on its way.
    signals++;
    await told?.close();
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}

/** The notebook with its parameters; without any as it is. */
const asRun = (notebook: NotebookFile, params: Record<string, unknown> | undefined): NotebookFile =>
  params ? injectParameters(notebook, params) : notebook;

/** @throws Refusal (409) for a notebook of another language: its cells would fail with words that explain nothing */
function refuseForeign({ metadata }: NotebookFile, path: string): void {
  const language = foreignLanguage(metadata);
  if (language === null) return;
  throw new Refusal(409, {
    error: 'notebook-foreign',
    message: foreignReason(language),
    where: `${path}, metadata.kernelspec`,
    fix: 'if its cells are TypeScript, say so in its metadata (kernelspec.name "trialroom", language_info.name "typescript")',
  });
}

/** All parameters; what papermill lets win wins. */
async function parametersOf(path: string, flags: RunFlags): Promise<Record<string, unknown>> {
  const { injectPaths, injectInputPath, injectOutputPath, out = STANDARD } = flags;
  const files = await Promise.all((flags.paramsFile ?? []).map(parametersFrom));
  const all: Record<string, unknown> = {};
  return Object.assign(
    all,
    injectPaths || injectInputPath ? { [`${PATHS}INPUT_PATH`]: path } : {},
    injectPaths || injectOutputPath ? { [`${PATHS}OUTPUT_PATH`]: out } : {},
    ...(flags.parameters_base64 ?? []).map(encodedParameters),
    ...files,
    ...(flags.parameters_yaml ?? []).map((text) => parametersIn(text, '--parameters_yaml')),
    flags.param,
    flags.paramRaw,
  );
}

/** The error, where it happened, and the lines around it. */
function inWords({ name, message, frames, excerpt }: CellError): string {
  const inner = frames[0];
  const place = inner && `  at line ${inner.line}, column ${inner.column}${inner.file ? ` of ${inner.file}` : ''}`;
  return [`${name}: ${message}`, place, excerpt].filter(Boolean).join('\n');
}

function parsed(text: string, path: string): ReturnType<typeof parseNotebook> {
  try {
    return parseNotebook(text);
  } catch (error) {
    if (!(error instanceof NotebookFormatError)) throw error;
    const where = [path, error.where].filter(Boolean).join(', ');
    throw new Refusal(422, { error: 'notebook-broken', message: error.message, where, fix: error.fix });
  }
}

/** The text of the notebook, from a file or the standard input. @throws Refusal */
async function textOf(path: string): Promise<string> {
  if (path === STANDARD) return read(process.stdin);
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new Refusal(404, {
      error: 'notebook-unreadable',
      message: error.code === 'ENOENT' ? `there is no ${path}` : `${path} cannot be read: ${error.message}`,
      fix: 'give the path of an .ipynb file, or - for the standard input',
    });
  });
}
