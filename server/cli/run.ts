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
import { TerminalProgress } from './progress.ts';

/** Flags of `run`. */
export interface RunFlags {
  param?: Record<string, unknown>;
  out?: string;
  memory?: number;
}

/** Runs the notebook at `path`. @throws Refusal when it cannot be read, or the result cannot be written */
export async function run(path: string, { param = {}, out, memory }: RunFlags): Promise<void> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new Refusal(404, {
      error: 'notebook-unreadable',
      message: error.code === 'ENOENT' ? `there is no ${path}` : `${path} cannot be read: ${error.message}`,
      fix: 'give the path of an .ipynb file',
    });
  });
  const notebook = parsed(text, path);
  const stop = new AbortController();
  let signals = 0;
  const onSignal = (): void => {
    if (++signals > 1) process.exit(130);
    console.error('\nStopping after this step. Ctrl C again ends at once.');
    stop.abort();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);

  const sink = new TerminalTrials();
  let failing: CellError | undefined;
  const result = await runNotebook({
    notebook,
    params: param,
    cwd: dirname(resolve(path)),
    memoryMb: memory,
    trials: sink,
    origin: { notebook: null, by: null },
    signal: stop.signal,
    onCell: (_cell, index, total) => {
      if (!sink.showing) console.log(`  cell ${index + 1} of ${total}`);
    },
    onOutput: (_cell, event) => {
      if (event.type === 'error') failing = event.error;
    },
  });
  sink.end();
  process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  if (out !== undefined) {
    await writeWhole(out, serialiseNotebook(result.notebook));
    console.log(`  written to ${out}`);
  }
  for (const [name, value] of Object.entries(sink.figures)) console.log(`  ${name} ${String(value)}`);
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

  /** True while a trial's line is on screen. */
  get showing(): boolean {
    return this.#startedAt !== null;
  }

  async open(params: Parameters<TrialSink['open']>[0]): Promise<TrialOpened> {
    this.end();
    this.#name = params.name;
    this.#startedAt = Date.now();
    console.log(`  ${params.experiment} / ${params.name}`);
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
    this.#bar.end();
    this.#startedAt = null;
    this.#progress = null;
  }

  #draw(): void {
    if (this.#startedAt === null) return;
    this.#bar.show({ name: this.#name, progress: this.#progress, figures: this.#newest, startedAt: this.#startedAt });
  }
}
