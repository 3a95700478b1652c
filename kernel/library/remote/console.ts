/** Hears what the process prints, without standing in its way. */
import { StringDecoder } from 'node:string_decoder';

type Listener = (stream: 'stdout' | 'stderr', text: string) => void;

const listeners = new Set<Listener>();
let tapped = false;

/** Calls `listener` with everything that is printed from now on. Returns how to end that. */
export function hearConsole(listener: Listener): () => void {
  if (!tapped) {
    tapped = true;
    tap('stdout');
    tap('stderr');
  }
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

function tap(name: 'stdout' | 'stderr'): void {
  const stream = process[name];
  const decoder = new StringDecoder('utf8');
  const write = stream.write;
  // The stream's own `write` has several forms; all of them begin with what is written.
  stream.write = function (this: typeof stream, ...given: unknown[]): boolean {
    const [chunk] = given;
    const text =
      typeof chunk === 'string' ? chunk : chunk instanceof Uint8Array ? decoder.write(Buffer.from(chunk)) : '';
    if (text !== '') for (const listener of listeners) listener(name, text);
    return Reflect.apply(write, this, given);
  } as typeof stream.write;
}
