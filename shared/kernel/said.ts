/** The words of a kernel that are output, for all who listen to one: sessions, headless runs, Jupyter's clients. */
import type { OutputEvent } from '../notebook/outputs.ts';
import type { FromKernel } from './protocol.ts';

/** What a message says under a cell; null when it is no output. */
export function outputOf(message: FromKernel): { execution: string; event: OutputEvent } | null {
  switch (message.type) {
    case 'stream':
    case 'display':
    case 'update':
    case 'result':
    case 'error':
    case 'uncaught':
    case 'clear': {
      const { execution, ...event } = message;
      return { execution, event };
    }
    default:
      return null;
  }
}
