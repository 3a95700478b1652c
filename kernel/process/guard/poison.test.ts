/**
 * Cells that change what JavaScript itself is made of, fixed wherever that can be: whatever they do, the kernel answers
 * them, tells later cells' results and errors, and can be interrupted. What a later cell uses may be broken for it; that
 * is what it asked for.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { type KernelHarness, startKernel } from '../harness.ts';

let kernel: KernelHarness | undefined;
afterEach(() => kernel?.close());

const POISONS: [what: string, cell: string][] = [
  ['array index setter, fixed', 'Object.defineProperty(Array.prototype, 0, { set() { throw 1 } })'],
  [
    'array index setter 0..50, fixed',
    'for (let i = 0; i < 50; i++) Object.defineProperty(Array.prototype, i, { set() { throw new Error("idx") } })',
  ],
  [
    'array index setter configurable',
    'Object.defineProperty(Array.prototype, 2, { set() { throw 1 }, configurable: true })',
  ],
  ['array index getter', 'Object.defineProperty(Array.prototype, 0, { get() { throw 1 }, configurable: true })'],
  [
    'object index setter fixed',
    'for (let i = 0; i < 5; i++) Object.defineProperty(Object.prototype, i, { set() { throw 1 } })',
  ],
  [
    'object name setters',
    'for (const k of ["type","name","value","op","execution","end","message","data","length","text","cell","frames","stack","done","error","id","scope","serial","stopped","next"]) Object.defineProperty(Object.prototype, k, { set() { throw new Error("set " + k) }, configurable: true })',
  ],
  [
    'object name setters fixed',
    'for (const k of ["type","name","value","op","execution","end","message","data","text","cell","frames","stack","done","error","id","scope","serial","stopped","next"]) Object.defineProperty(Object.prototype, k, { set() { throw new Error("set " + k) } })',
  ],
  [
    'object name getters fixed',
    'for (const k of ["type","name","op","execution","end","message","data","text","cell","frames","limitMs","highWaterMark","signal","transfer","encoding","cause","displayErrors","filename","timeout"]) Object.defineProperty(Object.prototype, k, { get() { throw new Error("get " + k) } })',
  ],
  ['object then fixed', 'Object.defineProperty(Object.prototype, "then", { value(r) { r("hijacked") } })'],
  ['object then throws', 'Object.defineProperty(Object.prototype, "then", { get() { throw new Error("then") } })'],
  [
    'object get set fixed',
    'Object.defineProperty(Object.prototype, "get", { value: () => 1 }); Object.defineProperty(Object.prototype, "set", { value: () => 1 })',
  ],
  ['toJSON fixed', 'Object.defineProperty(Object.prototype, "toJSON", { value() { throw new Error("json") } })'],
  ['toJSON to nothing', 'Object.prototype.toJSON = () => {}'],
  ['toJSON fixed to nothing', 'Object.defineProperty(Object.prototype, "toJSON", { value() {} })'],
  [
    'array iterator fixed',
    'Object.defineProperty(Array.prototype, Symbol.iterator, { value() { throw new Error("iter") }, configurable: false, writable: false })',
  ],
  ['array iterator next', 'Object.getPrototypeOf([][Symbol.iterator]()).next = () => { throw new Error("next") }'],
  ['promise then', 'Promise.prototype.then = () => { throw new Error("then") }'],
  [
    'promise then fixed',
    'Object.defineProperty(Promise.prototype, "then", { value: () => { throw new Error("then") }, configurable: false, writable: false })',
  ],
  ['promise then nothing', 'Promise.prototype.then = () => {}'],
  [
    'promise constructor',
    'Object.defineProperty(Promise.prototype, "constructor", { get() { throw new Error("ctor") } })',
  ],
  ['promise species', 'Object.defineProperty(Promise, Symbol.species, { get() { throw new Error("species") } })'],
  [
    'promise catch finally',
    'Promise.prototype.catch = Promise.prototype.finally = null; Promise.resolve = Promise.reject = Promise.all = null',
  ],
  [
    'function call apply',
    'Function.prototype.call = Function.prototype.apply = Function.prototype.bind = () => { throw new Error("call") }',
  ],
  [
    'function call apply fixed',
    'for (const k of ["call","apply","bind"]) Object.defineProperty(Function.prototype, k, { value() { throw new Error(k) }, configurable: false, writable: false })',
  ],
  ['hasInstance', 'Object.defineProperty(Function.prototype, Symbol.hasInstance, {})'],
  ['JSON.stringify', 'JSON.stringify = () => { throw new Error("json") }'],
  ['JSON fixed', 'Object.defineProperty(JSON, "stringify", { get() { throw 1 }, configurable: false })'],
  ['Map get', 'Map.prototype.get = Map.prototype.set = Map.prototype.has = () => { throw new Error("map") }'],
  [
    'Map get fixed',
    'for (const k of ["get","set","has","delete","values"]) Object.defineProperty(Map.prototype, k, { value() { throw new Error(k) }, configurable: false, writable: false })',
  ],
  ['WeakMap', 'WeakMap.prototype.get = WeakMap.prototype.set = () => { throw 1 }'],
  ['WeakRef FinReg', 'WeakRef.prototype.deref = FinalizationRegistry.prototype.register = () => { throw 1 }'],
  ['symbol iterators', 'for (const T of [Map, Set, String]) T.prototype[Symbol.iterator] = () => { throw 1 }'],
  [
    'string methods',
    'for (const k of Object.getOwnPropertyNames(String.prototype)) try { String.prototype[k] = () => { throw new Error("s " + k) } } catch {}',
  ],
  [
    'string methods fixed',
    'for (const k of Object.getOwnPropertyNames(String.prototype)) try { Object.defineProperty(String.prototype, k, { value: () => { throw new Error("s " + k) }, configurable: false, writable: false }) } catch {}',
  ],
  [
    'array methods fixed',
    'for (const k of Reflect.ownKeys(Array.prototype)) if (k !== "length") Object.defineProperty(Array.prototype, k, { value: () => { throw new Error("a " + String(k)) }, configurable: false, writable: false })',
  ],
  [
    'object statics fixed',
    'const dp = Object.defineProperty; for (const k of Object.getOwnPropertyNames(Object)) if (!["prototype","length","name"].includes(k)) dp(Object, k, { value: () => { throw new Error("o " + k) }, configurable: false, writable: false })',
  ],
  [
    'regexp exec',
    'RegExp.prototype.exec = () => { throw new Error("exec") }; RegExp.prototype[Symbol.replace] = RegExp.prototype[Symbol.split] = null',
  ],
  [
    'typed arrays',
    'const T = Object.getPrototypeOf(Uint8Array.prototype); for (const k of Reflect.ownKeys(T)) try { delete T[k] } catch {}',
  ],
  [
    'typed arrays buffer getter',
    'Object.defineProperty(Object.getPrototypeOf(Uint8Array.prototype), "length", { get() { throw new Error("len") } })',
  ],
  [
    'buffer byteLength',
    'Object.defineProperty(ArrayBuffer.prototype, "byteLength", { get() { throw new Error("bl") } })',
  ],
  [
    'Error proto',
    'Error.prototype.toString = () => { throw 1 }; Object.defineProperty(Error.prototype, "message", { get() { throw 2 } }); Object.defineProperty(Error.prototype, "name", { get() { throw 3 } })',
  ],
  ['prepareStackTrace recursion', 'Error.prepareStackTrace = (e) => { throw new Error(e.stack) }'],
  ['symbol toPrimitive', 'Object.prototype[Symbol.toPrimitive] = () => { throw 1 }'],
  [
    'toString valueOf',
    'Object.prototype.toString = Object.prototype.valueOf = Object.prototype.hasOwnProperty = () => { throw 1 }',
  ],
  [
    '__proto__ swap',
    'Object.setPrototypeOf(Array.prototype, new Proxy({}, { get() { throw new Error("trap") }, has() { throw new Error("trap") }, set() { throw new Error("trap") } }))',
  ],
  [
    'Function proto swap',
    'Object.setPrototypeOf(Function.prototype, new Proxy({}, { get() { throw new Error("ftrap") } }))',
  ],
  ['Promise proto swap', 'Object.setPrototypeOf(Promise.prototype, null); Object.setPrototypeOf(Map.prototype, null)'],
  ['globalThis proto swap', 'Object.setPrototypeOf(globalThis, null)'],
  [
    'globalThis proxy proto',
    'Object.setPrototypeOf(globalThis, new Proxy({}, { get() { throw new Error("gtrap") }, has() { throw new Error("has") } }))',
  ],
  [
    'emitter',
    'const E = process.constructor; for (const k of ["emit","on","listeners","removeListener"]) require("node:events").prototype[k] = () => { throw new Error("emit") }',
  ],
  [
    'process emit',
    'process.emit = () => { throw new Error("emit") }; process.nextTick = () => { throw new Error("tick") }; process._tickCallback = null',
  ],
  [
    'timers',
    'setTimeout = setImmediate = clearTimeout = queueMicrotask = () => { throw 1 }; const t = require("node:timers"); t.setTimeout = t.setImmediate = () => { throw 1 }',
  ],
  ['performance', 'Object.defineProperty(globalThis, "performance", { get() { throw 1 } })'],
  [
    'MessagePort',
    'const { MessagePort, Worker } = require("node:worker_threads"); MessagePort.prototype.postMessage = Worker.prototype.postMessage = () => { throw 1 }',
  ],
  [
    'async local storage',
    'const { AsyncLocalStorage } = require("node:async_hooks"); AsyncLocalStorage.prototype.run = AsyncLocalStorage.prototype.getStore = () => { throw 1 }',
  ],
  ['Atomics', 'for (const k of ["add","load","store","wait","notify"]) Atomics[k] = () => { throw 1 }'],
  [
    'Atomics fixed',
    'for (const k of ["add","load","store","wait","notify"]) Object.defineProperty(Atomics, k, { value: () => { throw 1 }, configurable: false, writable: false })',
  ],
  [
    'Reflect fixed',
    'for (const k of Object.getOwnPropertyNames(Reflect)) Object.defineProperty(Reflect, k, { value: () => { throw 1 }, configurable: false, writable: false })',
  ],
  [
    'Math Date',
    'for (const k of Object.getOwnPropertyNames(Math)) try { Math[k] = () => { throw 1 } } catch {}; Date.now = () => { throw 1 }',
  ],
  ['console', 'for (const k of Object.keys(console)) console[k] = () => { throw new Error("console") }'],
  [
    'util.inspect',
    'const util = require("node:util"); util.inspect = util.format = () => { throw new Error("inspect") }; util.inspect.custom = null',
  ],
  [
    'inspect custom on all',
    'Object.prototype[Symbol.for("nodejs.util.inspect.custom")] = () => { throw new Error("custom") }',
  ],
  ['jupyter display on all', 'Object.prototype[Symbol.for("Jupyter.display")] = () => { throw new Error("display") }'],
  ['toHtml on all', 'Object.prototype.toHtml = () => { throw new Error("toHtml") }'],
  ['Symbol.for', 'Symbol.for = () => Symbol()'],
  [
    'generators',
    'const G = Object.getPrototypeOf(function* () {}.prototype); G.next = () => { throw 1 }; const A = Object.getPrototypeOf(Object.getPrototypeOf(async function* () {}.prototype)); A[Symbol.asyncIterator] = null',
  ],
  [
    'species arrays',
    'Object.defineProperty(Array, Symbol.species, { get() { throw new Error("species") } }); Object.defineProperty(Array.prototype, "constructor", { get() { throw new Error("ctor") } })',
  ],
  ['isConcatSpreadable', 'Object.defineProperty(Object.prototype, Symbol.isConcatSpreadable, { get() { throw 1 } })'],
  ['unscopables', 'Object.defineProperty(Object.prototype, Symbol.unscopables, { get() { throw 1 } })'],
  [
    'freeze poisoned',
    'Array.prototype.push = Array.prototype.shift = () => { throw 1 }; Object.freeze(Array.prototype)',
  ],
  ['prevent extensions', 'Object.preventExtensions(globalThis); Object.preventExtensions(Object.prototype)'],
  [
    'inspector',
    'const I = require("node:inspector"); I.Session.prototype.post = I.Session.prototype.connect = () => { throw 1 }; try { I.close() } catch {}',
  ],
  ['vm', 'const vm = require("node:vm"); vm.Script = null; vm.Script?.prototype; 0'],
  [
    'vm Script proto',
    'const { Script } = require("node:vm"); Script.prototype.runInThisContext = () => { throw new Error("vm") }',
  ],
  ['Proxy globals', 'globalThis.Object = new Proxy(Object, { get() { throw new Error("proxy") } })'],
  [
    'delete everything reachable',
    'for (const n of Object.getOwnPropertyNames(globalThis)) { const v = globalThis[n]; if (typeof v === "function" && v.prototype && n !== "Object") for (const k of Reflect.ownKeys(v.prototype)) try { delete v.prototype[k] } catch {} }',
  ],
];

describe('after a cell has poisoned', () => {
  it.each(POISONS)('%s, the kernel answers', async (_, cell) => {
    kernel = await startKernel();
    await kernel.run(cell);
    expect((await kernel.run('1 + 1')).result).toBe('2');
    expect((await kernel.run('let kept = { a: "x" }; kept.a')).result).toBe("'x'");
    expect((await kernel.run('null.x', 'bad')).error).toMatchObject({
      name: 'TypeError',
      message: "Cannot read properties of null (reading 'x')",
      frames: [{ cell: 'bad', line: 1, column: 6 }],
    });
    const endless = kernel.start('for (;;);');
    await kernel.until('started', ({ execution }) => execution === endless);
    kernel.send({ type: 'interrupt' });
    expect((await kernel.finished(endless)).error?.name).toBe('Interrupted');
    expect((await kernel.run('kept.a.length + 3')).result).toBe('4');
  });

  it('how arrays work for good, timers of before still run, and Node goes on', async () => {
    kernel = await startKernel();
    const poison = POISONS.find(([name]) => name === 'array methods fixed')?.[1] ?? '';
    const execution = kernel.start(`setTimeout(() => console.log("after"), 10); ${poison}`);
    await kernel.untilPrinted(execution, 'after');
    expect((await kernel.run('1 + 1')).result).toBe('2');
    expect(kernel.textOf(execution)).toBe('after\n');
  });

  it('how arrays work for good, a failure that Node itself meets does not end the kernel', async () => {
    kernel = await startKernel();
    const poison = POISONS.find(([name]) => name === 'array methods fixed')?.[1] ?? '';
    const execution = kernel.start(`setTimeout(() => { throw new Error("late") }, 10); ${poison}`);
    await kernel.untilPrinted(execution, 'late');
    expect((await kernel.run('1 + 1')).result).toBe('2');
  });

  it('an array’s elements for good, cells still have what they asked for', async () => {
    kernel = await startKernel();
    await kernel.run(
      'Object.defineProperty(Array.prototype, 0, { get: () => "mine" }); Object.freeze(Array.prototype)',
    );
    expect((await kernel.run('[][0]')).result).toBe("'mine'");
    expect((await kernel.run('await null; [][0]')).result).toBe("'mine'");
  });

  it('what hears of uncaught errors, the kernel goes on', async () => {
    kernel = await startKernel();
    const execution = kernel.start(
      'process.on("uncaughtException", () => { throw new Error("again") }); setTimeout(() => { throw new Error("first") }, 0); void 0',
    );
    await kernel.untilPrinted(execution, 'again');
    expect(kernel.textOf(execution)).toContain('first');
    expect((await kernel.run('2 + 2')).result).toBe('4');
  });
});
