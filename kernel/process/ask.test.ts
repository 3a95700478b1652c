import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type KernelHarness, startKernel } from './harness.ts';

let kernel: KernelHarness;
beforeAll(async () => {
  kernel = await startKernel();
  await kernel.run('const host = globalThis[Symbol.for("trialroom.host")]; let state = 42;');
});
afterAll(() => kernel?.close());

async function asked(execution: string): Promise<{ request: number; prompt: string; password: boolean }> {
  const call = await kernel.until('call', (message) => message.execution === execution);
  if (call.method !== 'input') throw new Error(`a call of ${call.method}`);
  return { request: call.request, ...call.params };
}

async function answered(source: string, ok: boolean, answer: string): ReturnType<KernelHarness['finished']> {
  const execution = kernel.start(source);
  const { request } = await asked(execution);
  kernel.send(
    ok ? { type: 'reply', request, ok, value: answer } : { type: 'reply', request, ok: false, error: answer },
  );
  return kernel.finished(execution);
}

describe('input()', () => {
  it('is the text that a person gave', async () => {
    const execution = kernel.start('await input("Name?", { password: true })');
    const { request, prompt, password } = await asked(execution);
    expect({ prompt, password }).toEqual({ prompt: 'Name?', password: true });
    kernel.send({ type: 'reply', request, ok: true, value: 'Ada' });
    expect((await kernel.finished(execution)).result).toBe("'Ada'");
  });

  it('fails in words when refused, or when its cell has ended', async () => {
    expect((await answered('await input()', false, 'nobody is here')).error?.message).toBe('nobody is here');
    const forgotten = kernel.start('input("Name?"); 0');
    expect((await kernel.finished(forgotten)).end).toBe('ok');
    await kernel.untilPrinted(forgotten, 'is an await missing?');
    const late = kernel.start('setTimeout(() => input("Late?"), 1); 0');
    await kernel.finished(late);
    await kernel.untilPrinted(late, 'is an await missing?');
  });

  it('can be interrupted, and a late answer wakes nobody', async () => {
    const execution = kernel.start('state = await input("?")');
    const { request } = await asked(execution);
    kernel.send({ type: 'interrupt' });
    expect((await kernel.finished(execution)).end).toBe('aborted');
    kernel.send({ type: 'reply', request, ok: true, value: '43' });
    expect((await kernel.run('state')).result).toBe('42');
  });
});

describe('prompt()', () => {
  it('blocks until there is an answer', async () => {
    const execution = kernel.start('console.log("before"); [prompt("Name?"), "x"].join()');
    const { request, prompt } = await asked(execution);
    expect(prompt).toBe('Name?');
    expect(kernel.textOf(execution)).toBe('before\n');
    kernel.send({ type: 'reply', request, ok: true, value: 'Ada' });
    expect((await kernel.finished(execution)).result).toBe("'Ada,x'");
  });

  it.each([
    ['prompt("?", "none")', true, '', "'none'"],
    ['prompt("?")', false, 'nobody is here', 'null'],
    ['confirm("?")', true, 'Yes', 'true'],
    ['confirm("?")', true, '', 'false'],
    ['alert("seen"); "on"', true, '', "'on'"],
  ])('%s, answered %s %s → %s', async (source, ok, answer, result) => {
    expect((await answered(source, ok, answer)).result).toBe(result);
  });

  it('can be interrupted, and the next question gets its own answer', async () => {
    const execution = kernel.start('prompt("old")');
    const { request } = await asked(execution);
    kernel.send({ type: 'interrupt' });
    expect((await kernel.finished(execution)).end).toBe('aborted');
    kernel.send({ type: 'reply', request, ok: true, value: 'old answer' });
    expect((await answered('prompt("new")', true, 'new answer')).result).toBe("'new answer'");
  });

  it('refuses an answer that is no text, and lives', async () => {
    const execution = kernel.start('host.askSync({ prompt: "", password: false })');
    const { request } = await asked(execution);
    kernel.send({ type: 'reply', request, ok: true, value: { not: 'text' } });
    expect((await kernel.finished(execution)).error?.message).toContain('without a text');
  });
});

describe('widgets', () => {
  const spec = '{ kind: "slider", label: "rate", min: 0, max: 1, step: 0.1 }';

  it('are opened, changed by both sides and closed', async () => {
    const maker = kernel.start(
      `host.openWidget("w1", ${spec}, 0.5);
       host.onWidget((widget, value, payload, by) => console.log(widget, value, payload?.length, by?.name)); 0`,
    );
    await kernel.finished(maker);
    expect(await kernel.until('widget.open')).toMatchObject({ execution: maker, widget: 'w1', value: 0.5 });
    await kernel.run('host.setWidget("w1", 0.7); host.setWidget("unknown", 1)');
    expect(await kernel.until('widget.set')).toEqual({ type: 'widget.set', widget: 'w1', value: 0.7 });
    kernel.send({ type: 'widget.set', widget: 'w1', value: 0.9, by: { id: 'p', name: 'Ada' } });
    await kernel.untilPrinted(maker, 'w1 0.9 undefined Ada');
    kernel.send({ type: 'widget.set', widget: 'w1', value: null }, Uint8Array.of(1, 2, 3));
    await kernel.untilPrinted(maker, 'w1 null 3 undefined');
    await kernel.run('host.closeWidget("w1"); host.closeWidget("w1")');
    kernel.send({ type: 'widget.set', widget: 'w1', value: 'unheard' });
    await kernel.run('1');
    expect(kernel.messages.filter(({ type }) => type === 'widget.close')).toHaveLength(1);
    expect(kernel.messages.filter(({ type }) => type === 'widget.set')).toHaveLength(1);
    expect(kernel.textOf(maker)).not.toContain('unheard');
  });

  it('are heard also after the cell that made them was interrupted, across awaits, and when a listener throws', async () => {
    const maker = kernel.start(
      `host.openWidget("w2", ${spec}, 0);
       host.onWidget(async (widget, value) => { await new Promise((r) => setTimeout(r, 1)); console.log("late", value); throw new Error("async bad") });
       host.onWidget(() => { throw new Error("bad listener") });
       console.log("go"); await new Promise(() => {})`,
    );
    await kernel.untilPrinted(maker, 'go');
    kernel.send({ type: 'interrupt' });
    await kernel.finished(maker);
    kernel.send({ type: 'widget.set', widget: 'w2', value: 5 });
    await kernel.untilPrinted(maker, 'bad listener');
    await kernel.untilPrinted(maker, 'late 5');
    await kernel.untilPrinted(maker, 'async bad');
  });

  it('whose listener never ends can be interrupted', async () => {
    const maker = kernel.start(
      `host.openWidget("w3", ${spec}, 0); host.onWidget((widget) => { if (widget === "w3") { console.log("stuck"); while (true) {} } }); 0`,
    );
    await kernel.finished(maker);
    kernel.send({ type: 'widget.set', widget: 'w3', value: 5 });
    await kernel.untilPrinted(maker, 'stuck');
    kernel.send({ type: 'interrupt' });
    expect((await kernel.run('host.closeWidget("w3"); state')).result).toBe('42');
  });
});

describe('the signal of an execution', () => {
  it('is told before the end, and what it settles has its turn', async () => {
    const execution = kernel.start(
      `const signal = host.signal(); setTimeout(() => console.log("go"));
       try { await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))) }
       catch (error) { console.log("caught", error.name); throw error } finally { console.log("tidied", host.execution() !== undefined) }`,
    );
    await kernel.untilPrinted(execution, 'go');
    kernel.send({ type: 'interrupt' });
    const ran = await kernel.finished(execution);
    expect(ran.text).toBe('go\ncaught Interrupted\ntidied true\n');
    expect(ran).toMatchObject({ end: 'aborted', error: { name: 'Interrupted' } });
  });

  it('is the same across awaits, another for each execution, and untouched by others’ interrupts', async () => {
    await kernel.run('const first = host.signal(); await null; const same = first === host.signal()');
    const execution = kernel.start('const second = host.signal(); console.log("go"); await new Promise(() => {})');
    await kernel.untilPrinted(execution, 'go');
    kernel.send({ type: 'interrupt' });
    await kernel.finished(execution);
    expect((await kernel.run('[same, first === second, first.aborted, second.aborted]')).result).toBe(
      '[ true, false, false, true ]',
    );
  });

  it('cannot keep a cell alive', async () => {
    const execution = kernel.start(
      'host.signal().onabort = () => { console.log("never"); for (;;) {} }; console.log("go"); await new Promise(() => {})',
    );
    await kernel.untilPrinted(execution, 'go');
    kernel.send({ type: 'interrupt' });
    expect((await kernel.finished(execution)).end).toBe('aborted');
    expect((await kernel.run('state')).result).toBe('42');
  });

  it('of a loop that never yields is told once that is stopped', async () => {
    const execution = kernel.start(
      'host.signal().onabort = () => console.log("told"); console.log("go"); while (true) {}',
    );
    await kernel.untilPrinted(execution, 'go');
    kernel.send({ type: 'interrupt' });
    expect((await kernel.finished(execution)).text).toBe('go\ntold\n');
  });
});
