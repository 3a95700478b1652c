/**
 * What an interrupt leaves of a run. Its code never comes to its end then, and no `finally` runs; what it holds is freed
 * when the kernel says that the execution is over.
 */
import { host } from '../../process/host.ts';

const held = new Map<() => void, string>();
let listening = false;

/**
 * Holds `dispose` to be called when the calling execution is interrupted.
 * @returns calls it now, and holds it no longer
 */
export function disposeIfInterrupted(dispose: () => void): () => void {
  const execution = host()?.execution();
  if (execution !== undefined) {
    listen();
    held.set(dispose, execution);
  }
  return () => {
    held.delete(dispose);
    dispose();
  };
}

function listen(): void {
  if (listening) return;
  listening = true;
  host()?.onEnd((ended, end) => {
    if (end !== 'aborted') return;
    for (const [dispose, execution] of held) {
      if (execution !== ended) continue;
      held.delete(dispose);
      dispose();
    }
  });
}
