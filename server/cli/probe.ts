/** Asks a kernel, started for nothing else, which tensor backend it chooses here. */
import { constants, setPriority, tmpdir } from 'node:os';
import type { BackendReport } from '@trialroom/shared/kernel/protocol';
import { startKernel } from '../sessions/kernels/link.ts';

/** @throws Error with the reason when the kernel ends before it has answered */
export async function probeBackend(cwd: string = tmpdir()): Promise<BackendReport> {
  const answer = Promise.withResolvers<BackendReport>();
  const kernel = startKernel({
    cwd,
    onReady: ({ pid }) => {
      politely(pid);
      kernel.send({ type: 'probe' });
    },
    onMessage: (message, _payload, taken) => {
      taken();
      if (message.type === 'backend') answer.resolve(message.report);
    },
    onEnd: (reason) => answer.reject(new Error(reason)),
  });
  try {
    return await answer.promise;
  } finally {
    await kernel.stop();
  }
}

/** Loading a tensor engine takes a whole core for a moment; whoever opens the first page meanwhile comes first. */
function politely(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // A system without priorities, or one that does not let us change them.
  }
}
