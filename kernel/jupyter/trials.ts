/**
 * Trials where there is no server: each gets an id, all that it logs is taken as kept, and nothing more happens, so that a
 * notebook that trains runs in Jupyter as it does in a room.
 */
import { randomUUID } from 'node:crypto';
import type { FromKernel, ToKernel } from '@trialroom/shared/kernel/protocol';

/**
 * Takes a message if it is about trials, and answers it: the end of a trial waits for the answer to all that is numbered.
 * @returns whether it is
 */
export function keepTrial(message: FromKernel, tell: (message: ToKernel) => void): boolean {
  switch (message.type) {
    case 'call':
      if (message.method !== 'trial.open') return false;
      tell({ type: 'reply', request: message.request, ok: true, value: { trial: randomUUID() } });
      return true;
    case 'trial.points':
    case 'trial.events':
    case 'trial.evaluation':
    case 'trial.artifact':
      tell({ type: 'trial.ack', trial: message.trial, seq: message.seq });
      return true;
    case 'trial.progress':
    case 'trial.paused':
    case 'trial.summary':
    case 'trial.finish':
      return true;
    default:
      return false;
  }
}
