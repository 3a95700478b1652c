/**
 * A kernel: `node … kernel/main.js --socket PATH [--memory MB]`, with the notebook's folder as working directory; behind
 * Jupyter's protocol with `--connection FILE` in place of the socket. The flags before the path are those of
 * `kernelCommand` in `shared/kernel/spawn.ts`. This file only wires two threads: the supervisor, which talks to the
 * parent, and the main one, which from then on runs cells and may be blocked by them.
 */
import { writeSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { isMainThread, MessageChannel, Worker, workerData } from 'node:worker_threads';
import { EXIT_BAD_START } from '@trialroom/shared/kernel/limits';
import { allocateShared, type SupervisorData } from './process/channel.ts';

if (isMainThread) {
  const started = read();
  if (started) {
    const { port1, port2 } = new MessageChannel();
    const data: SupervisorData = { ...started, replies: port2 };
    const supervisor = new Worker(new URL('./main.js', import.meta.url), {
      workerData: data,
      transferList: [port2],
      // Its objects are short-lived and small; it would otherwise keep as much room for them as the thread that computes.
      resourceLimits: { maxYoungGenerationSizeMb: 6 },
    });
    supervisor.once('error', ({ message }) => writeSync(2, `trialroom kernel: ${message}\n`));
    const { startThread } = await import('./process/thread.ts');
    startThread(supervisor, started.shared, port1);
  }
} else {
  const { connection }: SupervisorData = workerData;
  // First of all: a client that finds nobody comes back only a while later. What goes wrong is told by the supervisor.
  if (connection !== undefined) (await import('./jupyter/sockets.ts')).listen(connection).catch(() => {});
  await import('./process/supervisor.ts');
}

function read(): Omit<SupervisorData, 'replies'> | undefined {
  try {
    const text = { type: 'string' } as const;
    const { values } = parseArgs({ options: { socket: text, connection: text, memory: text } });
    const { socket, connection } = values;
    if (!socket === !connection) throw new Error('either --socket PATH or --connection FILE is needed');
    const memoryMb = values.memory === undefined ? undefined : Number(values.memory);
    if (memoryMb !== undefined && !(memoryMb > 0)) throw new Error(`--memory ${values.memory} is not a number of MB`);
    return { socket, connection, memoryMb, shared: allocateShared() };
  } catch (error) {
    writeSync(2, `trialroom kernel: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = EXIT_BAD_START;
    return undefined;
  }
}
