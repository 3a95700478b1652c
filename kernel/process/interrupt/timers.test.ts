import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type KernelHarness, startKernel } from '../harness.ts';

let kernel: KernelHarness;
beforeAll(async () => {
  kernel = await startKernel();
  await kernel.run(`
    import { AsyncLocalStorage } from 'node:async_hooks';
    import * as timers from 'node:timers';
    import { promisify } from 'node:util';
    const { nextTick } = process;
    let kept = 'kept';`);
});
afterAll(() => kernel?.close());

/** Starts a cell, interrupts it when it says "go", and returns what it printed until its end. */
async function interrupted(source: string): Promise<string> {
  const execution = kernel.start(source);
  await kernel.untilPrinted(execution, 'go');
  kernel.send({ type: 'interrupt' });
  const { end, text } = await kernel.finished(execution);
  expect(end).toBe('aborted');
  return text;
}

describe('an interrupt', () => {
  const forever = 'console.log("go"); while (true) {}';
  it.each([
    [
      'an immediate that others surround',
      `setImmediate(() => {}); setImmediate(() => { ${forever} }); setImmediate(say)`,
    ],
    ['one of the module', `timers.setImmediate(() => {}); timers.setImmediate(() => { ${forever} })`],
    [
      'one that is awaited',
      `await Promise.all([1, 2].map(async (n) => { await timers.promises.setImmediate(); if (n > 1) { ${forever} } }))`,
    ],
    ['a timeout that others surround', `setTimeout(() => {}); setTimeout(() => { ${forever} }); setTimeout(say)`],
    ['an interval of the module', `timers.setInterval(() => { console.log("go") }, 1)`],
    ['a tick between others', `nextTick(() => {}); nextTick(() => { ${forever} }); nextTick(() => {})`],
  ])('ends %s, and nothing of the thread is lost', async (_, source) => {
    const text = await interrupted(`const say = () => console.log('after'); ${source}; await new Promise(() => {})`);
    expect(text).not.toContain('after');
    const next = await kernel.run(`const turns = [];
      await new Promise((turn) => setImmediate(turn)); turns.push('immediate');
      await new Promise((turn) => setTimeout(turn, 1)); turns.push('timeout');
      await new Promise((turn) => nextTick(turn)); turns.push('tick');
      await (await import('node:fs/promises')).stat('.'); [kept, ...turns].join()`);
    expect(next).toMatchObject({ result: "'kept,immediate,timeout,tick'", text: '' });
  });
});

describe('an interrupt, whenever it comes', () => {
  it('leaves no list of timers half changed', async () => {
    for (let time = 0; time < 15; time++) {
      await interrupted(`console.log('go'); for (let n = 0; ; n++) clearTimeout(setTimeout(() => {}, 10 + (n % 20)))`);
      const all = 'Array.from({ length: 40 }, (_, ms) => new Promise((turn) => setTimeout(turn, ms)))';
      expect((await kernel.run(`await Promise.all(${all}); 'all'`)).result).toBe("'all'");
    }
  });

  it('leaves no list of immediates half changed', async () => {
    for (let time = 0; time < 10; time++) {
      await interrupted(`console.log('go'); for (;;) clearImmediate(setImmediate(() => {}).unref().ref())`);
      expect((await kernel.run(`await new Promise(setImmediate); 'one'`)).result).toBe("'one'");
    }
  });

  it('loses nothing of what was printed', async () => {
    for (let time = 0; time < 10; time++) {
      const text = await interrupted(`globalThis.said = 0; console.log('go'); for (;;) console.log(++said)`);
      const lines = text.trim().split('\n').slice(1);
      expect(lines.findIndex((line, index) => line !== String(index + 1))).toBe(-1);
      const said = Number((await kernel.run('said')).result);
      expect(said - lines.length).toBeOneOf([0, 1]);
    }
  });
});

describe('immediates', () => {
  it('have their ticks and promises before the next', async () => {
    const ran = await kernel.run(`const order = []; const log = (what) => () => void order.push(what);
      setImmediate(() => { nextTick(log('tick')); Promise.resolve().then(log('promise')); order.push('first') });
      setImmediate(log('second'));
      await new Promise((turn) => setImmediate(turn)); order.join()`);
    expect(ran.result).toBe("'first,tick,promise,second'");
  });

  it('are Node’s own otherwise', async () => {
    const ran = await kernel.run(`const context = new AsyncLocalStorage(); const got = [];
      const first = setImmediate(function (...given) { got.push(this === first, given.join('+'), context.getStore()); clearImmediate(second) }, 1, 2);
      const second = setImmediate(() => got.push('cleared'));
      context.run('inner', () => setImmediate(() => got.push(context.getStore())));
      got.push(await promisify(setImmediate)('value'), first.hasRef(), setImmediate.name, timers.setImmediate === setImmediate); got`);
    expect(ran.result).toBe("[ true, '1+2', undefined, 'inner', 'value', false, 'setImmediate', true ]");
  });

  it('tell their errors once, with their place, and the next one runs', async () => {
    const ran =
      await kernel.run(`setImmediate(() => { throw new Error('one') }); setImmediate(() => console.log('two'));
      await new Promise((turn) => setTimeout(turn, 5))`);
    const told = ran.messages.filter((message) => message.type === 'uncaught');
    expect(told).toMatchObject([{ error: { message: 'one', frames: [{ line: 1 }] } }]);
    expect(ran.text).toMatch(/\ntwo\n$/);
  });
});
