/**
 * `process.stdout` and `process.stderr`, which print to the cell. They are never over: whoever ends them, as a pipeline
 * does with what it leads to, hears that all was written, and the next cell goes on.
 */
import process, { nextTick } from 'node:process';
import type { Output } from './output.ts';

/** From now on both streams print; `origin` says to which execution what happens now belongs. */
export function printStreams(output: Output, origin: () => string): void {
  for (const name of ['stdout', 'stderr'] as const) {
    const stream = process[name];
    const end = (...given: unknown[]): NodeJS.WriteStream => {
      const called = given.find((each) => typeof each === 'function');
      const [chunk, encoding] = given.filter((each) => each !== called);
      if (chunk !== undefined && chunk !== null) Reflect.apply(stream.write, stream, [chunk, encoding]);
      nextTick(() => {
        stream.emit('finish');
        if (typeof called === 'function') Reflect.apply(called, stream, []);
      });
      return stream;
    };
    // Otherwise a pipeline waits until the stream is closed too.
    Reflect.set(Object(Reflect.get(stream, '_writableState')), 'autoDestroy', false);
    const open = { configurable: true, writable: true };
    Object.defineProperties(stream, {
      write: { ...open, value: output.writer(name, origin) },
      end: { ...open, value: end },
    });
  }
}
