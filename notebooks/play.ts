/**
 * Plays a notebook in a real kernel process, cell by cell, for tests of the notebooks that we ship. It answers the
 * kernel as a server would, keeps what the cells showed, and stores nothing.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeFrame, FrameReader } from '@trialroom/shared/kernel/framing';
import { FromKernel, type ToKernel, type TrialOpen } from '@trialroom/shared/kernel/protocol';
import { outputOf } from '@trialroom/shared/kernel/said';
import { kernelCommand } from '@trialroom/shared/kernel/spawn';
import type { NotebookFile } from '@trialroom/shared/notebook/format';
import { foldOutput, type Output } from '@trialroom/shared/notebook/outputs';
import { unpackPoints } from '@trialroom/shared/trial/points';

/** What came of playing a notebook. */
export interface Played {
  /** Outputs of each code cell by its id, as a reader sees them. */
  outputs: Map<string, Output[]>;
  trial: TrialOpen | undefined;
  /** How the trial ended, or undefined when it did not. */
  end: string | undefined;
  /** Values of each metric in the order they were logged, steps likewise. */
  metrics: Map<string, { steps: number[]; values: number[] }>;
  summary: Record<string, unknown>;
  backend: string | undefined;
}

/**
 * Runs every code cell in order, stopping at the first that fails.
 * @param parameters assigned after the cell tagged `parameters`
 * @throws Error when a cell fails (with its error) or the kernel ends early (with its last words)
 */
export async function play(notebook: NotebookFile, parameters: Record<string, number | string>): Promise<Played> {
  const folder = await mkdtemp(join(tmpdir(), 'trialroom-play-'));
  const server = createServer().listen(join(folder, 'k.sock'));
  await once(server, 'listening');
  const entry = fileURLToPath(import.meta.resolve('trialroom/main'));
  const { args } = kernelCommand({ entry, socket: join(folder, 'k.sock') });
  const kernel = spawn(process.execPath, args, { cwd: import.meta.dirname, stdio: ['ignore', 'ignore', 'pipe'] });
  let words = '';
  kernel.stderr.on('data', (chunk: Buffer) => {
    words = (words + chunk.toString()).slice(-2000);
  });
  const gone = once(kernel, 'exit').then(([code]) => {
    throw new Error(`the kernel ended with ${String(code)}: ${words}`);
  });
  try {
    const connected = once(server, 'connection');
    await Promise.race([connected, gone]);
    const [socket]: Socket[] = await connected;
    if (!socket) throw new Error('the kernel did not connect');
    // A kernel that is ended resets its line; how it went is known from what it said before.
    socket.on('error', () => {});
    const run = converse(socket);
    for (const { id, source } of cellsOf(notebook, parameters)) await Promise.race([run.execute(id, source), gone]);
    return run.played;
  } finally {
    gone.catch(() => {});
    kernel.kill('SIGKILL');
    server.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function cellsOf(
  notebook: NotebookFile,
  parameters: Record<string, number | string>,
): { id: string; source: string }[] {
  return notebook.cells.flatMap((cell) => {
    if (cell.cell_type !== 'code') return [];
    const { id, source, metadata } = cell;
    const tags: unknown = metadata.tags;
    if (!Array.isArray(tags) || !tags.includes('parameters')) return [{ id, source }];
    const values = Object.entries(parameters).map(([name, value]) => `${name} = ${JSON.stringify(value)};`);
    return [
      { id, source },
      { id: 'injected-parameters', source: values.join('\n') },
    ];
  });
}

function converse(socket: Socket): { played: Played; execute(cell: string, source: string): Promise<void> } {
  const played: Played = {
    outputs: new Map(),
    trial: undefined,
    end: undefined,
    metrics: new Map(),
    summary: {},
    backend: undefined,
  };
  const waiting = new Map<string, { resolve(): void; reject(error: Error): void }>();
  const send = (message: ToKernel): boolean => socket.write(encodeFrame(message));

  const take = (message: FromKernel, payload: Uint8Array): void => {
    const said = outputOf(message);
    if (said) {
      played.outputs.set(said.execution, foldOutput(played.outputs.get(said.execution) ?? [], said.event));
      return;
    }
    switch (message.type) {
      case 'done': {
        const failure = played.outputs.get(message.execution)?.find((output) => output.type === 'error');
        const { resolve, reject } = waiting.get(message.execution) ?? {};
        if (message.end === 'ok') resolve?.();
        else reject?.(new Error(`cell ${message.execution}: ${failure?.error.message ?? message.end}`));
        return;
      }
      case 'call':
        if (message.method !== 'trial.open') throw new Error('a shipped notebook must run without asking people');
        played.trial = message.params;
        send({ type: 'reply', request: message.request, ok: true, value: { trial: 'played' } });
        return;
      case 'trial.points':
        for (const { key, steps, values } of unpackPoints(message.keys, payload)) {
          const metric = played.metrics.get(key) ?? { steps: [], values: [] };
          metric.steps.push(...steps);
          metric.values.push(...values);
          played.metrics.set(key, metric);
        }
        send({ type: 'trial.ack', trial: message.trial, seq: message.seq });
        return;
      case 'trial.events':
      case 'trial.evaluation':
      case 'trial.artifact':
        send({ type: 'trial.ack', trial: message.trial, seq: message.seq });
        return;
      case 'trial.summary':
        Object.assign(played.summary, message.summary);
        return;
      case 'trial.finish':
        played.end = message.end;
        return;
      case 'backend':
        played.backend = message.report.name;
        return;
      default:
    }
  };

  const reader = new FrameReader();
  socket.on('data', (chunk: Buffer) => {
    for (const { header, payload } of reader.push(chunk)) take(FromKernel.parse(header), payload);
    send({ type: 'credit', bytes: chunk.length });
  });
  let count = 0;
  return {
    played,
    execute: (cell, source) =>
      new Promise((resolve, reject) => {
        waiting.set(cell, { resolve, reject });
        send({ type: 'execute', execution: cell, cell, count: ++count, source });
      }),
  };
}
