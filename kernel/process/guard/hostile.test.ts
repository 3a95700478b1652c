import { afterEach, describe, expect, it } from 'vitest';
import { type KernelHarness, startKernel } from '../harness.ts';

let kernel: KernelHarness | undefined;
afterEach(() => kernel?.close());

/** Cells after which nothing is as it was. */
const HOSTILE: [what: string, cell: string][] = [
  [
    'declares the names of the platform',
    'const console = 1, Promise = 2, Symbol = 3, process = 4, performance = 5; class Error {} class Map {} let Array = 6, Object = 7, JSON = 8, Buffer = 9, Reflect = 10, Atomics = 11, setTimeout = 12',
  ],
  ['replaces console', 'console = undefined'],
  ['replaces Promise', 'globalThis.Promise = 1'],
  ['replaces Symbol', 'globalThis.Symbol = undefined'],
  ['replaces Error', 'globalThis.Error = undefined'],
  [
    'replaces every global',
    'for (const name of Object.getOwnPropertyNames(globalThis)) try { globalThis[name] = 1 } catch {}',
  ],
  [
    'deletes every global',
    'for (const name of Object.getOwnPropertyNames(globalThis)) try { delete globalThis[name] } catch {}',
  ],
  [
    'takes over what the kernel has there',
    'globalThis.trialroom = 5; try { __trialroom = 6 } catch {} try { __trialroom.show = 7 } catch {} try { Object.defineProperty(globalThis, Symbol.for("trialroom.host"), { value: 8 }) } catch {}',
  ],
  ['breaks push', 'Array.prototype.push = () => { throw new Error("push") }'],
  ['makes push do nothing', 'Array.prototype.push = () => 0'],
  ['breaks iteration', 'Array.prototype[Symbol.iterator] = function* () { throw 1 }'],
  [
    'empties the prototypes',
    'for (const { prototype } of [Array, String, Map, Set, WeakMap, Promise, RegExp, Number, Function, Error, Uint8Array]) for (const key of Reflect.ownKeys(prototype)) try { delete prototype[key] } catch {}',
  ],
  [
    'empties the prototype of all',
    'for (const key of Reflect.ownKeys(Object.prototype)) try { delete Object.prototype[key] } catch {}',
  ],
  ['makes everything thenable', 'Object.prototype.then = function (resolve) { resolve("hijacked") }'],
  [
    'makes everything a descriptor',
    'Object.prototype.get = () => 1; Object.prototype.set = () => 2; Object.prototype.writable = false',
  ],
  [
    'breaks JSON and Reflect',
    'JSON.stringify = JSON.parse = Reflect.get = Object.keys = Object.defineProperty = Object.entries = undefined',
  ],
  [
    'breaks the clock and shared memory',
    'Math.min = Date.now = performance.now = Atomics.add = Atomics.load = Atomics.wait = undefined',
  ],
  [
    'breaks bytes',
    'Buffer.from = Buffer.alloc = Buffer.byteLength = TextEncoder.prototype.encode = Uint8Array.prototype.set = undefined',
  ],
  ['breaks stack traces', 'Error.prepareStackTrace = () => { throw 1 }'],
  ['takes the streams', 'process.stdout.write = process.stderr.write = undefined; process.removeAllListeners()'],
  ['closes the standard streams', 'require("node:fs").closeSync(1); require("node:fs").closeSync(2)'],
  ['freezes everything', 'Object.freeze(Object.prototype); Object.freeze(Array.prototype); Object.freeze(globalThis)'],
];

describe('after a cell that', () => {
  it.each(HOSTILE)('%s, results and errors of later ones are told', async (_, cell) => {
    kernel = await startKernel();
    await kernel.run(cell);
    expect((await kernel.run('1 + 1')).result).toBe('2');
    expect((await kernel.run('await null; ({ a: "x" }).a')).result).toBe("'x'");
    expect((await kernel.run('null.x', 'bad')).error).toMatchObject({
      name: 'TypeError',
      message: "Cannot read properties of null (reading 'x')",
      frames: [{ cell: 'bad', line: 1, column: 6 }],
    });
    expect((await kernel.run('let list = [1, 2]; list')).result).toBe('[ 1, 2 ]');
    expect((await kernel.run('no syntax')).error?.name).toBe('SyntaxError');
    expect((await kernel.run('list.length')).result).toBe('2');
  });

  it('changes a prototype, cells still see the change', async () => {
    kernel = await startKernel();
    await kernel.run('Array.prototype.push = () => "mine"; Object.prototype.then = undefined; Symbol.dispose2 = 1');
    expect((await kernel.run('[].push(1)')).result).toBe("'mine'");
    expect((await kernel.run('"then" in {}')).result).toBe('true');
  });

  it('declares names of the platform, packages and the console do not see them', async () => {
    kernel = await startKernel();
    await kernel.run('const URL = "http://x", window = 80, console = { log: () => 1 }');
    expect(
      (await kernel.run('[URL, window, new globalThis.URL("http://y").host, typeof globalThis.window]')).result,
    ).toBe("[ 'http://x', 80, 'y', 'undefined' ]");
    expect((await kernel.run('globalThis.console.log("printed"); console.log("not")')).text).toBe('printed\n');
    expect((await kernel.run('await import("node:url").then(({ URL: Own }) => Own === globalThis.URL)')).result).toBe(
      'true',
    );
  });

  it('stops in the midst of a changed world, an interrupt works', async () => {
    kernel = await startKernel();
    await kernel.run('Array.prototype.push = undefined; globalThis.Promise = undefined');
    const id = kernel.start('console.log("on"); for (;;);');
    await kernel.untilPrinted(id, 'on');
    kernel.send({ type: 'interrupt' });
    expect((await kernel.finished(id)).end).toBe('aborted');
    expect((await kernel.run('2 + 2')).result).toBe('4');
  });
});
