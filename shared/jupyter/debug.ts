/** What a kernel says to those who ask for its debugger. */
import type { Json } from './messages.ts';

/** There is no debugger behind this; clients that ask all the same are told so in the words of the debug protocol. */
export function debugReply(content: Json): Json {
  const { seq, command } = content;
  const answer = { type: 'response', seq: 0, request_seq: typeof seq === 'number' ? seq : 0, command };
  if (command !== 'debugInfo') {
    return { ...answer, success: false, message: 'This kernel has no debugger.', body: {} };
  }
  return {
    ...answer,
    success: true,
    body: {
      isStarted: false,
      hashMethod: 'Murmur2',
      hashSeed: 0,
      tmpFilePrefix: '',
      tmpFileSuffix: '.ts',
      breakpoints: [],
      stoppedThreads: [],
      richRendering: false,
      exceptionPaths: [],
      copyToGlobals: false,
    },
  };
}
