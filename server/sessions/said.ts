/** The words of a kernel that are output, for live sessions and headless runs alike. */
import type { FromKernel } from '@trialroom/shared/kernel/protocol';
import type { OutputEvent } from '@trialroom/shared/notebook/outputs';

/** What a message says under a cell; null when it is no output. */
export function outputOf(message: FromKernel): { execution: string; event: OutputEvent } | null {
  switch (message.type) {
    case 'stream':
    case 'display':
    case 'update':
    case 'result':
    case 'error':
    case 'clear': {
      const { execution, ...event } = message;
      return { execution, event };
    }
    default:
      return null;
  }
}
