/** What the supervisor's thread of a kernel loads, in order. */
import type { MessagePort } from 'node:worker_threads';
import type { SupervisorData } from '../process/channel.ts';

/** Makes the calling thread the supervisor; `port` leads to the main thread. */
export async function begin(port: MessagePort, data: SupervisorData): Promise<void> {
  // First of all: a client that finds nobody comes back only a while later. What goes wrong is told by the supervisor.
  if (data.connection !== undefined)
    await (await import('../jupyter/sockets.ts')).listen(data.connection).catch(() => {});
  const { supervise } = await import('../process/supervisor.ts');
  await supervise(port, data);
}
