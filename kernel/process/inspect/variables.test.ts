import { LiveMember, type ToKernel, Variable } from '@trialroom/shared/kernel/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type KernelHarness, startKernel } from '../harness.ts';

let kernel: KernelHarness;
beforeAll(async () => {
  kernel = await startKernel();
});
afterAll(() => kernel?.close());

let requests = 0;
async function ask(question: Extract<ToKernel, { type: 'variables' | 'complete' }>): Promise<unknown> {
  kernel.send(question);
  const { ok, value } = await kernel.until('answer', ({ request }) => request === question.request);
  if (!ok) throw new Error(String(value));
  return value;
}

async function variables(): Promise<Map<string, Variable>> {
  const value = await ask({ type: 'variables', request: ++requests });
  return new Map(
    Variable.array()
      .parse(value)
      .map((variable) => [variable.name, variable]),
  );
}

const complete = async (expression: string): Promise<LiveMember[]> =>
  LiveMember.array().parse(await ask({ type: 'complete', request: ++requests, expression }));

const named = (members: LiveMember[], name: string): string | undefined =>
  members.find((member) => member.name === name)?.kind;

describe('variables', () => {
  it.each([
    ['n', '42', { type: 'number', preview: '42' }],
    ['minus', '-0', { type: 'number', preview: '-0' }],
    ['none', 'null', { type: 'null', preview: 'null' }],
    ['nothing', 'undefined', { type: 'undefined', preview: 'undefined' }],
    ['big', '12n', { type: 'bigint', preview: '12n' }],
    ['vast', '2n ** 100_000n', { type: 'bigint', preview: 'an integer of more than 80 bits' }],
    ['text', '"a\\nb"', { type: 'string', preview: '"a\\nb"', bytes: 6 }],
    ['list', '[1, "two", [3]]', { type: 'Array', shape: '3 items', preview: '[1, "two", Array(1)]' }],
    ['record', '({ a: 1, b: { c: 2 } })', { type: 'Object', preview: '{a: 1, b: Object}' }],
    ['map', 'new Map([["k", 1]])', { type: 'Map', shape: '1 items', preview: '{k => 1}' }],
    ['set', 'new Set([1, 2])', { type: 'Set', shape: '2 items', preview: '{1, 2}' }],
    ['buffer', 'new ArrayBuffer(8)', { type: 'ArrayBuffer', bytes: 8 }],
    ['date', 'new Date(0)', { type: 'Date', preview: expect.stringContaining('1970') }],
    ['pattern', '/a+/g', { type: 'RegExp', preview: '/a+/g' }],
    ['arrow', '(a, { b } = {}) => a', { type: '(a, { b } = {}) =>' }],
    ['short', 'x => x', { type: '(x) =>' }],
    ['Kind', 'class Kind {}', { type: 'class', preview: 'class Kind {}' }],
    ['instance', 'new (class Thing { x = 1 })()', { type: 'Thing', preview: '{x: 1}' }],
  ])('%s = %s', async (name, source, expected) => {
    await kernel.run(`const ${name} = ${source}`);
    const found = (await variables()).get(name);
    expect(found).toMatchObject({ name, ...expected });
    expect(found?.preview.length).toBeLessThanOrEqual(200);
  });

  it('of long things are short', async () => {
    await kernel.run(
      'const words = "x".repeat(5_000_000); const many = Array.from({ length: 100_000 }, (_, i) => i); const floats = new Float32Array(1000)',
    );
    const found = await variables();
    expect(found.get('words')).toMatchObject({ shape: '5,000,000 characters', bytes: 10_000_000 });
    expect(found.get('many')).toMatchObject({ type: 'Array', shape: '100,000 items' });
    expect(found.get('floats')).toMatchObject({ type: 'Float32Array', shape: '[1000]', bytes: 4000 });
    for (const variable of found.values()) expect(variable.preview.length).toBeLessThanOrEqual(200);
  });

  it('of tensors have shape and size', async () => {
    await kernel.run(
      'import * as tf from "@tensorflow/tfjs"; const tensor = tf.zeros([60, 784]); const weights = tf.variable(tensor); const gone = tf.zeros([2]); gone.dispose();',
    );
    const found = await variables();
    expect(found.get('tensor')).toMatchObject({ type: 'Tensor', shape: '[60, 784]', bytes: 60 * 784 * 4 });
    expect(found.get('weights')).toMatchObject({ type: 'Variable', shape: '[60, 784]', preview: 'float32 [60, 784]' });
    expect(found.get('gone')?.preview).toBe('float32 [2], disposed');
    expect(found.get('tf')?.type).toBe('Module');
  });

  it('on the global object count when cells made them', async () => {
    await kernel.run('globalThis.mine = [1]; globalThis["not a name"] = 1; globalThis._package = 1');
    const found = await variables();
    expect(found.get('mine')).toMatchObject({ type: 'Array' });
    expect([...found.keys()].filter((name) => /process|not a name|_package|__/.test(name))).toEqual([]);
  });

  it('may have the names of the platform’s', async () => {
    await kernel.run('const URL = "mine"');
    expect((await variables()).get('URL')).toMatchObject({ type: 'string', preview: '"mine"' });
    expect(named(await complete('URL'), 'charAt')).toBe('function');
  });

  it('are read without calling anything of the user’s', async () => {
    await kernel.run(`
      let called = 0;
      const touch = () => { called++; throw new Error("touched") };
      const traps = new Proxy({}, new Proxy({}, { get: touch }));
      const getters = { get a() { return touch() }, get [Symbol.toStringTag]() { return touch() } };
      Object.defineProperty(globalThis, 'trap', { get: touch, configurable: true });
      const shape = { get shape() { return touch() }, dims: 1 };
      const circular = {}; circular.self = circular;`);
    await kernel.run('throw new Error("before"); let unborn = 1');
    const found = await variables();
    expect(found.get('traps')?.type).toBe('Proxy');
    expect(found.get('getters')?.preview).toBe('{a: (getter), Symbol(Symbol.toStringTag): (getter)}');
    expect(found.get('circular')?.preview).toBe('{self: Object}');
    expect(found.get('called')?.preview).toBe('0');
    expect(found.has('shape')).toBe(true);
  });

  it.each([
    ['loops', 'for (;;) progress++'],
    ['waits', 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)'],
    ['matches', '/^(a+)+$/.test("a".repeat(60) + "b")'],
    ['awaits', 'await new Promise(() => {})'],
    ['asks', 'prompt("?")'],
  ])('are read while a cell %s, which goes on', async (_, source) => {
    await kernel.run('let progress = 1');
    const execution = kernel.start(`console.log("go"); progress = 2; ${source}`);
    await kernel.untilPrinted(execution, 'go');
    let seen = 0;
    while (seen < 2) seen = Number((await variables()).get('progress')?.preview);
    expect((await complete('progress')).length).toBeGreaterThan(3);
    kernel.send({ type: 'interrupt' });
    expect((await kernel.finished(execution)).end).toBe('aborted');
  });

  it('can be asked for a thousand times while a cell counts', async () => {
    const execution = kernel.start('let counted = 0; console.log("go"); while (counted < 3e8) counted++; counted');
    await kernel.untilPrinted(execution, 'go');
    await Promise.all(Array.from({ length: 1000 }, () => variables()));
    expect((await kernel.finished(execution)).result).toBe('300000000');
  });

  it('are still answered for, in words, when cells have broken the platform', async () => {
    const broken = await startKernel();
    await broken.run('let kept = 1; Object.getOwnPropertyNames = undefined; Set.prototype.has = undefined; 0');
    broken.send({ type: 'variables', request: 1 });
    const { ok, value } = await broken.until('answer');
    expect({
      ok,
      names: Variable.array()
        .parse(value)
        .map(({ name }) => name),
    }).toEqual({ ok: true, names: ['kept'] });
    await broken.close();
  });
});

describe('completion', () => {
  it('lists own members and those of prototypes, with their kinds', async () => {
    await kernel.run(
      'class Base { base() {} get lazy() { throw 1 } } class Sub extends Base { own = 1; Inner = class {}; fn = () => 1 } const sub = new Sub()',
    );
    const members = await complete('sub');
    expect(members.slice(0, 3).map(({ name }) => name)).toEqual(['own', 'Inner', 'fn']);
    expect(['own', 'Inner', 'fn', 'base', 'lazy', 'toString'].map((name) => named(members, name))).toEqual([
      'property',
      'class',
      'function',
      'function',
      'property',
      'function',
    ]);
  });

  it('of long lists leaves the elements out, and of anything lists at most 500', async () => {
    await kernel.run(
      'const long = new Float64Array(1e6); const wide = Object.fromEntries(Array.from({ length: 2000 }, (_, i) => ["k" + i, i]))',
    );
    expect(named(await complete('long'), 'subarray')).toBe('function');
    expect((await complete('long')).some(({ name }) => /^\d/.test(name))).toBe(false);
    expect(await complete('wide')).toHaveLength(500);
    expect(named(await complete('"text"'), 'trim')).toBe('function');
    expect(await complete('null')).toEqual([]);
  });

  it('of nothing lists the top level', async () => {
    await kernel.run('function work() {} class Shop {} let counter = 0');
    const members = await complete('');
    expect(['work', 'Shop', 'counter'].map((name) => named(members, name))).toEqual(['function', 'class', 'variable']);
  });

  it('follows a path past getters and proxies without waking them', async () => {
    await kernel.run(
      `let woken = 0;
      const trap = new Proxy({}, { ownKeys() { woken++; return [] }, get() { woken++ }, getOwnPropertyDescriptor() { woken++ }, getPrototypeOf() { woken++; return null } });
      const outer = { inner: { deep: [1] }, trap, beneath: Object.create(trap), get got() { woken++; return {} } };
      Object.defineProperty(globalThis, 'gotten', { get() { woken++; return [] }, configurable: true });`,
    );
    expect(named(await complete('outer.inner.deep'), 'map')).toBe('function');
    expect(named(await complete('outer?.inner'), 'deep')).toBe('property');
    for (const expression of ['outer.trap', 'outer.beneath', 'outer.got', 'gotten', 'outer.trap.anything']) {
      await complete(expression).catch(() => {});
    }
    expect((await kernel.run('woken')).result).toBe('0');
  });

  it('changes nothing, and says why it cannot tell', async () => {
    await kernel.run(
      'let touched = 0; const bump = () => ({ at: ++touched }); const lazy = { get it() { touched++ } }',
    );
    await expect(complete('bump()')).rejects.toThrow('side-effect');
    await expect(complete('lazy.it')).rejects.toThrow('side-effect');
    await expect(complete('nobody')).rejects.toThrow('nobody is not defined');
    await expect(complete('1 +')).rejects.toThrow('SyntaxError');
    await expect(complete('(() => { for (;;); })()')).rejects.toThrow();
    expect((await kernel.run('touched')).result).toBe('0');
  });
});
