import { watch } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type KernelHarness, startKernel } from '../harness.ts';

let kernel: KernelHarness;
beforeAll(async () => {
  kernel = await startKernel({ execArgv: ['--expose-gc'] });
  await kernel.run('let state = 42; let ticks = 0;');
});
afterAll(() => kernel?.close());

const sleep = 'await new Promise((resolve) => setTimeout(resolve, 20));';

describe('interrupt', () => {
  it.each([
    ['a loop', 'console.log("go"); while (true) {}'],
    ['a loop after an await', 'await 0; console.log("go"); while (true) {}'],
    ['a loop in a timer', 'await new Promise(() => setTimeout(() => { console.log("go"); while (true) {} }, 1))'],
    ['a loop that catches', 'console.log("go"); for (;;) { try { for (;;) {} } catch {} }'],
    ['a loop in finally', 'console.log("go"); try { while (true) {} } finally { while (true) {} }'],
    ['a wait for nothing', 'console.log("go"); await new Promise(() => {})'],
    ['a result that never comes', 'console.log("go"); new Promise(() => {})'],
    ['a bad regular expression', 'console.log("go"); /^(a+)+$/.test("a".repeat(60) + "b")'],
    ['a flood of microtasks', 'console.log("go"); await (async () => { for (;;) await 0 })()'],
    ['a wait that blocks', 'console.log("go"); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)'],
    [
      'a chain of microtasks',
      'const f = () => Promise.resolve().then(f); console.log("go"); f(); await new Promise(() => {})',
    ],
    ['a flood of ticks', 'const f = () => process.nextTick(f); console.log("go"); f(); await new Promise(() => {})'],
    ['a flood of immediates', 'const f = () => setImmediate(f); console.log("go"); f(); await new Promise(() => {})'],
    [
      'intervals that leave no time',
      'console.log("go"); const busy = () => { const end = performance.now() + 3; while (performance.now() < end); }; for (let i = 0; i < 50; i++) setInterval(busy, 1); await new Promise(() => {})',
    ],
    [
      'a generator that will not end',
      'function* g() { try { for (;;) yield 1 } finally { for (;;); } } console.log("go"); for (const x of g()) {}',
    ],
    [
      'a loop of reads',
      'import { readFileSync } from "node:fs"; console.log("go"); for (;;) readFileSync("/dev/null")',
    ],
    [
      'long tensor work',
      'import * as tf from "@tensorflow/tfjs"; const a = tf.zeros([512, 512]); console.log("go"); for (;;) tf.tidy(() => tf.matMul(a, a).dataSync())',
    ],
    [
      'a child process',
      'import { execSync } from "node:child_process"; console.log("go"); execSync("sleep 3600; echo done")',
    ],
    ['a flood of output', 'console.log("go"); for (;;) console.log("flood")'],
    ['a value that is shown for ever', 'console.log("go"); ({ toHtml() { while (true) {} } })'],
  ])('stops %s and keeps the state', async (_, source) => {
    const execution = kernel.start(source);
    await kernel.untilPrinted(execution, 'go');
    const waiting = [kernel.start('state = 0'), kernel.start('state = 1')];
    kernel.send({ type: 'interrupt' });
    const ran = await kernel.finished(execution);
    expect(ran.end).toBe('aborted');
    expect(ran.error?.name).toBe('Interrupted');
    for (const each of waiting) {
      const dropped = await kernel.finished(each);
      expect(dropped.end).toBe('aborted');
      expect(dropped.messages).toHaveLength(1);
    }
    expect((await kernel.run('state')).result).toBe('42');
  });

  it.each([
    ['timers', 'for (;;) { await new Promise((resolve) => setTimeout(resolve, 1)); ticks++ }'],
    [
      'timers of Node’s promise module',
      'import { setTimeout as wait } from "node:timers/promises"; for (;;) { await wait(1); ticks++ }',
    ],
    ['immediates', 'for (;;) { await new Promise((resolve) => setImmediate(resolve)); ticks++ }'],
    ['files', 'import { stat } from "node:fs/promises"; for (;;) { await stat("/"); ticks++ }'],
    ['an interval', 'setInterval(() => ticks++, 1); await new Promise(() => {})'],
    [
      'many chains at once',
      'await Promise.all([1, 2, 3].map(async (n) => { for (;;) { await new Promise((r) => setTimeout(r, n)); ticks++ } }))',
    ],
  ])('leaves nothing running that lives on %s', async (_, source) => {
    await kernel.run('ticks = 0');
    const execution = kernel.start(source);
    const before = async (): Promise<number> => {
      kernel.send({ type: 'inspect', request: ++requests, expression: 'ticks' });
      const request = requests;
      const { value } = await kernel.until('answer', (answer) => answer.request === request);
      return Number(Reflect.get(Object(value), 'text'));
    };
    while ((await before()) < 3);
    kernel.send({ type: 'interrupt' });
    expect((await kernel.finished(execution)).end).toBe('aborted');
    // The first cell lets what was under way come to its end; after it nothing may move.
    await kernel.run(sleep);
    const [first, second] = [(await kernel.run('ticks')).result, (await kernel.run(`${sleep} ticks`)).result];
    expect(second).toBe(first);
  });

  it('leaves what a loop has changed as far as it came', async () => {
    await kernel.run('let rounds = 0; let odd = 0; const seen = () => rounds');
    const execution = kernel.start('for (;;) { rounds++; odd = rounds % 2; if (rounds === 9) console.log("go") }');
    await kernel.untilPrinted(execution, 'go');
    kernel.send({ type: 'interrupt' });
    expect((await kernel.finished(execution)).end).toBe('aborted');
    const { result } = await kernel.run('[rounds >= 9, Math.abs(rounds % 2 - odd) <= 1, seen() === rounds].join()');
    expect(result).toBe("'true,true,true'");
  });

  it.each([
    ['in one turn', 'for (;;) Promise.reject(5).catch(() => {})'],
    ['in many', 'for (;;) { try { await Promise.reject(5) } catch {} }'],
    [
      'many at once',
      'for (;;) await Promise.allSettled(Array.from({ length: 1000 }, () => Promise.reject(new Error())))',
    ],
  ])('stops, again and again, a flood of rejections %s', async (_, source) => {
    for (let round = 0; round < 8; round++) {
      const execution = kernel.start(`console.log("go"); ${source}`);
      await kernel.untilPrinted(execution, 'go');
      kernel.send({ type: 'interrupt' });
      const ran = await kernel.finished(execution);
      expect(ran).toMatchObject({ end: 'aborted', error: { name: 'Interrupted' }, text: 'go\n' });
    }
    expect((await kernel.run('state')).result).toBe('42');
  });

  it('stops what the failing of a child process would go on with', async () => {
    const execution = kernel.start(
      'import { execSync } from "node:child_process"; console.log("go"); for (;;) { try { execSync("sleep 3600") } catch {} }',
    );
    await kernel.untilPrinted(execution, 'go');
    kernel.send({ type: 'interrupt' });
    expect(await kernel.finished(execution)).toMatchObject({ end: 'aborted', error: { name: 'Interrupted' } });
  });

  it('lets a child live that runs beside a stopped loop, also after one that could not be started', async () => {
    const failed = await kernel.run(
      'process.binding("spawn_sync").spawn({ get file() { throw new Error("no file") } })',
    );
    expect(failed.error?.message).toBe('no file');
    await kernel.run('const { spawn } = require("node:child_process"); const beside = spawn("sleep", ["3600"])');
    const looping = kernel.start('console.log("loops"); for (;;);');
    await kernel.untilPrinted(looping, 'loops');
    kernel.send({ type: 'interrupt' });
    expect((await kernel.finished(looping)).end).toBe('aborted');
    const { result } = await kernel.run(
      'beside.signalCode ?? await new Promise((ended) => { beside.once("exit", (_, by) => ended(by)); beside.kill("SIGTERM") })',
    );
    expect(result).toBe("'SIGTERM'");
  });

  it('ends a child process that does not listen', async () => {
    const ready = (async () => {
      for await (const { filename } of watch(kernel.folder)) if (filename === 'ready') return;
    })();
    const execution = kernel.start(
      "require('node:child_process').execSync('trap \"\" INT TERM; echo > ready; while :; do sleep 1; done')",
    );
    await ready;
    kernel.send({ type: 'interrupt' });
    expect(await kernel.finished(execution)).toMatchObject({ end: 'aborted', error: { name: 'Interrupted' } });
    expect((await kernel.run('state')).result).toBe('42');
  });

  it('leaves other cells’ timers alone', async () => {
    await kernel.run('let alive = 0; const beat = setInterval(() => alive++, 1); void 0');
    const execution = kernel.start('console.log("go"); await new Promise(() => {})');
    await kernel.untilPrinted(execution, 'go');
    kernel.send({ type: 'interrupt' });
    await kernel.finished(execution);
    const ran = await kernel.run(`const was = alive; ${sleep} const moved = alive > was; clearInterval(beat); moved`);
    expect(ran.result).toBe('true');
  });

  it('of nothing changes nothing', async () => {
    kernel.send({ type: 'interrupt' });
    kernel.send({ type: 'interrupt' });
    expect((await kernel.run('state')).result).toBe('42');
  });

  it('stops a timer that blocks while no cell runs', async () => {
    const execution = kernel.start('setTimeout(() => { console.log("blocked"); while (true) {} }, 1); void 0');
    await kernel.finished(execution);
    await kernel.untilPrinted(execution, 'blocked');
    kernel.send({ type: 'interrupt' });
    expect((await kernel.run('state')).result).toBe('42');
  });

  it('can be repeated a hundred times, with cells in between', async () => {
    for (let round = 0; round < 100; round++) {
      const execution = kernel.start(round % 2 === 0 ? 'while (true) {}' : 'await new Promise(() => {})');
      await kernel.until('started', (started) => started.execution === execution);
      kernel.send({ type: 'interrupt' });
      expect((await kernel.finished(execution)).end).toBe('aborted');
      expect((await kernel.run(`${round}`)).result).toBe(String(round));
    }
  });

  it('and garbage collection while a cell awaits what nobody holds leave the process alive', async () => {
    const execution = kernel.start(
      'setTimeout(() => { gc(); gc(); console.log("collected") }, 5); await new Promise(() => {})',
    );
    await kernel.untilPrinted(execution, 'collected');
    kernel.send({ type: 'interrupt' });
    await kernel.finished(execution);
    expect((await kernel.run('gc(); gc(); await new Promise((r) => setTimeout(r, 5)); gc(); state')).result).toBe('42');
  });
});

let requests = 1000;

describe('inspect', () => {
  const look = async (expression: string): Promise<{ ok: boolean; value: unknown }> => {
    const request = ++requests;
    kernel.send({ type: 'inspect', request, expression });
    const { ok, value } = await kernel.until('answer', (answer) => answer.request === request);
    return { ok, value };
  };

  it('reads a value while idle', async () => {
    expect(await look('state')).toEqual({ ok: true, value: { type: 'number', text: '42' } });
    expect((await look('missing')).ok).toBe(false);
  });

  it('reads a value out of a loop that never yields, and the loop goes on', async () => {
    const execution = kernel.start('let live = 0; console.log("go"); while (true) live++');
    await kernel.untilPrinted(execution, 'go');
    const seen: number[] = [];
    // Looks that come close together may find that nothing has moved.
    while (seen.length < 3) {
      const now = Number(Reflect.get(Object((await look('live')).value), 'text'));
      if (now > (seen.at(-1) ?? 0)) seen.push(now);
    }
    kernel.send({ type: 'interrupt' });
    expect((await kernel.finished(execution)).end).toBe('aborted');
  });

  it('refuses to change anything, idle or busy', async () => {
    expect((await look('state = 1')).ok).toBe(false);
    const execution = kernel.start('console.log("go"); while (true) {}');
    await kernel.untilPrinted(execution, 'go');
    expect((await look('state = 1')).ok).toBe(false);
    kernel.send({ type: 'interrupt' });
    await kernel.finished(execution);
    expect((await kernel.run('state')).result).toBe('42');
  });
});
