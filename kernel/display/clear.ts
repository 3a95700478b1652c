/**
 * Takes away the outputs of the running cell: at once, or when the next one comes, so that what replaces them stands
 * where they stood without a moment of nothing between.
 */
import { host } from '../process/host.ts';

let waiting: string | undefined;
/** Puts the standard streams back as they were. */
let release: (() => void) | undefined;

/**
 * Takes away all outputs of the running cell so far.
 * @param options `wait`: only when something new is shown or printed
 */
export function clear(options: { wait?: boolean } = {}): void {
  const kernel = host();
  const execution = kernel?.execution();
  if (!kernel || execution === undefined) return;
  forget();
  if (options.wait !== true) {
    kernel.send({ type: 'clear', execution });
    return;
  }
  waiting = execution;
  const streams = [process.stdout, process.stderr];
  const writes = streams.map((stream) => stream.write);
  release = () => {
    for (const [index, stream] of streams.entries()) {
      const write = writes[index];
      if (write) stream.write = write;
    }
  };
  for (const [index, stream] of streams.entries()) {
    const write = writes[index];
    if (!write) continue;
    stream.write = (...args: unknown[]): boolean => {
      clearBeforeOutput();
      return Reflect.apply(write, stream, args);
    };
  }
}

/** To be called before anything of the running cell is shown: what waited to be taken away is. */
export function clearBeforeOutput(): void {
  if (waiting === undefined) return;
  const kernel = host();
  const execution = kernel?.execution();
  if (execution !== undefined && execution !== waiting) return;
  const cleared = waiting;
  forget();
  kernel?.send({ type: 'clear', execution: cleared });
}

function forget(): void {
  waiting = undefined;
  release?.();
  release = undefined;
}
