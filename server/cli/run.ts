/**
 * `trialroom run`: a notebook from top to bottom in a kernel of its own, with parameters, without a server or a database.
 * Progress goes to the terminal, the executed notebook to a file; it ends with 1 when a cell fails. It never touches the
 * notebook it was given.
 */
import { randomBytes } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import type { Progress, TrialOpened } from '@trialroom/shared/kernel/protocol';
import { NotebookFormatError, parseNotebook, serialiseNotebook } from '@trialroom/shared/notebook/format';
import type { CellError } from '@trialroom/shared/notebook/outputs';
import type { PointColumns } from '@trialroom/shared/trial/points';
import { ulid } from 'ulid';
import { Refusal } from '../http/refusal.ts';
import { runNotebook } from '../sessions/headless.ts';
import type { TrialSink } from '../trials/sink.ts';
import { parametersFrom, unknownParameters } from './parameters.ts';
import { TerminalProgress } from './progress.ts';

/** Flags of `run`. */
export interface RunFlags {
  param?: Record<string, unknown>;
  /** JSON or YAML file of parameters. */
  paramsFile?: string | undefined;
  out?: string | undefined;
  cwd?: string | undefined;
  /** Longest time of one cell, in s. */
  cellTimeout?: number | undefined;
  memory?: number | undefined;
  /** Name of the tensor engine. */
  backend?: string | undefined;
  logOutput?: boolean | undefined;
  quiet?: boolean | undefined;
}

/**
 * Runs the notebook at `path`. Exit code 0 when every cell ran, 1 when one failed, 130 when it was stopped.
 * @throws Refusal when it cannot be read, a parameter is unreadable, or the result cannot be written
 */
export async function run(path: string, flags: RunFlags): Promise<void> {
  const { out, memory, backend, cellTimeout, quiet = false, logOutput = false } = flags;
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new Refusal(404, {
      error: 'notebook-unreadable',
      message: error.code === 'ENOENT' ? `there is no ${path}` : `${path} cannot be read: ${error.message}`,
      fix: 'give the path of an .ipynb file',
    });
  });
  const notebook = parsed(text, path);
  const fromFile = flags.paramsFile === undefined ? {} : await parametersFrom(flags.paramsFile);
  const params = { ...fromFile, ...flags.param };
  const say = (line: string): void => {
    if (!quiet) console.log(line);
  };
  for (const name of unknownParameters(notebook, params)) {
    console.error(`  note: no cell tagged “parameters” mentions ${name}; is it spelt right?`);
  }
  const stop = new AbortController();
  let signals = 0;
  const onSignal = (): void => {
    if (++signals > 1) process.exit(130);
    console.error('\nStopping after this step. Ctrl C again ends at once.');
    stop.abort();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);

  const sink = new TerminalTrials(quiet);
  let failing: CellError | undefined;
  const result = await runNotebook({
    notebook,
    params,
    cwd: resolve(flags.cwd ?? dirname(resolve(path))),
    memoryMb: memory,
    backend,
    ...(cellTimeout === undefined ? {} : { cellLimitMs: cellTimeout * 1000 }),
    trials: sink,
    origin: { notebook: null, by: null },
    signal: stop.signal,
    onCell: (_cell, index, total) => {
      if (!sink.showing) say(`  cell ${index + 1} of ${total}`);
    },
    onOutput: (_cell, event) => {
      if (event.type === 'error') failing = event.error;
      if (logOutput && event.type === 'stream') process[event.name].write(event.text);
    },
    ...(out === undefined ? {} : { onStep: (soFar) => writeWhole(out, serialiseNotebook(soFar)) }),
  });
  sink.end();
  process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  if (out !== undefined) {
    await writeWhole(out, serialiseNotebook(result.notebook));
    say(`  written to ${out}`);
  }
  for (const [name, value] of Object.entries(sink.figures)) say(`  ${name} ${String(value)}`);
  if (result.end === 'completed') return;
  process.exitCode = result.end === 'stopped' ? 130 : 1;
  const error = result.failed?.error ?? failing;
  console.error(`${basename(path)}: ${result.end}${result.failed ? ` in cell ${result.failed.index + 1}` : ''}`);
  if (error) console.error(inWords(error));
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

/** Writes the whole file or nothing. */
async function writeWhole(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    await writeFile(temporary, text);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw new Refusal(500, {
      error: 'unwritable',
      message: `the executed notebook could not be written to ${path}: ${(error as Error).message}`,
      fix: 'give --out a file in a folder that you may write to',
    });
  }
}

/** Trials without a server: they live in the terminal for as long as they run. */
class TerminalTrials implements TrialSink {
  /** Final figures of all trials. */
  readonly figures: Record<string, unknown> = {};
  readonly #bar = new TerminalProgress();
  readonly #newest: Record<string, number> = {};
  #name = '';
  #startedAt: number | null = null;
  #progress: Progress | null = null;
  readonly #quiet: boolean;

  constructor(quiet: boolean) {
    this.#quiet = quiet;
  }

  /** True while a trial's line is on screen. */
  get showing(): boolean {
    return this.#startedAt !== null;
  }

  async open(params: Parameters<TrialSink['open']>[0]): Promise<TrialOpened> {
    this.end();
    this.#name = params.name;
    this.#startedAt = Date.now();
    if (!this.#quiet) console.log(`  ${params.experiment} / ${params.name}`);
    return { trial: ulid() };
  }

  async points(_trial: string, _execution: string, _seq: number, columns: PointColumns[]): Promise<void> {
    for (const { key, values } of columns) {
      const last = values.at(-1);
      if (last !== undefined) this.#newest[key] = last;
    }
    this.#draw();
  }

  progress(_trial: string, progress: Progress): void {
    this.#progress = progress;
    this.#draw();
  }

  /** Pictures and notes are for a room. */
  async events(): Promise<void> {}

  /** Nobody can ask for a pause here. */
  async paused(): Promise<void> {}

  async released(): Promise<boolean> {
    return false;
  }

  async summary(_trial: string, summary: Record<string, unknown>): Promise<void> {
    Object.assign(this.figures, summary);
  }

  async finish(): Promise<void> {
    this.end();
  }

  print(): void {}

  async executionEnded(): Promise<void> {}

  async kernelGone(): Promise<void> {
    this.end();
  }

  /** Gives the terminal back. */
  end(): void {
    if (this.#startedAt === null) return;
    this.#draw();
    if (!this.#quiet) this.#bar.end();
    this.#startedAt = null;
    this.#progress = null;
  }

  #draw(): void {
    if (this.#startedAt === null || this.#quiet) return;
    this.#bar.show({ name: this.#name, progress: this.#progress, figures: this.#newest, startedAt: this.#startedAt });
  }
}
