/**
 * A kernel: `node … kernel/main.js --socket PATH [--memory MB]`, with the notebook's folder as working directory; behind
 * Jupyter's protocol with `--connection FILE` in place of the socket. The flags before the path are those of
 * `kernelCommand` in `shared/kernel/spawn.ts`. It has two threads: the supervisor, which talks to the
 * parent, and this one, which from then on runs cells and may be blocked by them.
 */
import { parseArgs } from 'node:util';
import type { MessagePort, Worker } from 'node:worker_threads';
import { EXIT_BAD_START } from '@trialroom/shared/kernel/limits';
import { allocateShared, type SupervisorData } from '../process/channel.ts';
import { complain, wordsOf } from '../process/complain.ts';
import type { KernelFiles } from './files.js';

/**
 * Tells both threads what to do, or says on stderr what is wrong with the arguments and sets the exit code.
 * @param port leads to the supervisor's thread before that has begun, and is where replies come that this one blocks for
 */
export async function begin(files: KernelFiles, supervisor: Worker, port: MessagePort): Promise<void> {
  const started = read();
  if (!started) {
    await supervisor.terminate();
    return;
  }
  const data: Omit<SupervisorData, 'replies'> & { entry: string } = { ...started, entry: files.supervisor };
  port.postMessage(data);
  supervisor.once('error', ({ message }) => complain(message));
  const { startThread } = await import('../process/thread.ts');
  startThread(supervisor, started.shared, port, files.library);
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
    complain(wordsOf(error));
    process.exitCode = EXIT_BAD_START;
    return undefined;
  }
}
