/**
 * A kernel: `node … kernel/main.js --socket PATH [--memory MB]`, with the notebook's folder as working directory. The
 * flags before the path are those of `kernelCommand` in `shared/kernel/spawn.ts`. This file only wires two threads: the
 * supervisor, which talks to the parent, and the main one, which from then on runs cells and may be blocked by them.
 */
import { writeSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { isMainThread, Worker } from 'node:worker_threads';
import { EXIT_BAD_START } from '@trialroom/shared/kernel/limits';
import { allocateShared, type SupervisorData } from './process/channel.ts';

if (isMainThread) {
  const started = read();
  if (started) {
    const supervisor = new Worker(new URL('./main.js', import.meta.url), { workerData: started });
    const { startThread } = await import('./process/thread.ts');
    startThread(supervisor, started.shared);
  }
} else {
  await import('./process/supervisor.ts');
}

function read(): SupervisorData | undefined {
  try {
    const { values } = parseArgs({ options: { socket: { type: 'string' }, memory: { type: 'string' } } });
    if (!values.socket) throw new Error('--socket PATH is missing');
    const memoryMb = values.memory === undefined ? undefined : Number(values.memory);
    if (memoryMb !== undefined && !(memoryMb > 0)) throw new Error(`--memory ${values.memory} is not a number of MB`);
    return { socket: values.socket, memoryMb, shared: allocateShared() };
  } catch (error) {
    writeSync(2, `trialroom kernel: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = EXIT_BAD_START;
    return undefined;
  }
}
