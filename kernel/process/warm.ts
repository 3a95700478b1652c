/**
 * What a kernel does with its idle time after it has said hello, so that the first cell finds everything compiled and
 * loaded that it needs: a few cells are compiled and run, and what they show is thrown away. Nothing of it is seen by
 * the cells that come later. It happens in steps, and the first `execute` ends it, so that a kernel which was started
 * for a cell that already waits is not delayed by it.
 */
import { CellCompiler, type CompiledCell } from '../cell/compile.ts';

/** A kernel that was started because a cell waits hears of it within this many ms. */
const PATIENCE = 50;

/** What takes long to load waits this long: a cell that comes meanwhile would have to wait for all of it, in ms. */
const LATER = 700;

/** In blocks, so that they leave no names behind. */
const SAMPLES = [
  '1 + 1',
  '{ interface A { n: number } let a: A = { n: 1 }; for (let i = 0; i < 3; i++) a.n += i; await a }',
  '{ class C<T> { constructor(readonly x: T) {} } const f = async (c: C<number>) => [c.x]; await f(new C(1)) }',
  '{ const { a, ...rest } = { a: 1, b: [2] }; try { [a, rest].x.y } catch (error) { error.stack } }',
  '{ await import("node:fs"); await import("trialroom") }',
];

/**
 * How often short cells are gone through, in batches: V8 makes fast code only of what it has seen run many hundred times,
 * and until then a cell takes a third longer.
 */
const BATCHES = 80;
const BATCH = 10;

/**
 * Begins to warm up; the returned function ends it.
 * @param run gets cells to evaluate without a trace
 * @param rehearse goes through what else a cell leads to on this thread
 */
export function warmUp(run: (compiled: CompiledCell) => void, rehearse: () => void): () => void {
  // Its own, so that the numbers of the cells begin where they would have begun.
  const compiler = new CellCompiler();
  const waiting = [...SAMPLES.slice(0, -1), ...SAMPLES];
  let batches = 0;
  const step = (): void => {
    if (waiting.length === 1 && batches < BATCHES) {
      for (let index = 0; index < BATCH; index++) {
        // Another one each time: what was compiled before would only be looked up.
        run(compiler.compile('', 0, `${batches * BATCH + index} + 1`));
        rehearse();
      }
      batches++;
      timer = setTimeout(step, batches < BATCHES ? 5 : LATER);
      return;
    }
    const source = waiting.shift();
    if (source === undefined) return;
    run(compiler.compile('', 0, source));
    timer = setTimeout(step, 5);
  };
  let timer = setTimeout(step, PATIENCE);
  return () => clearTimeout(timer);
}
