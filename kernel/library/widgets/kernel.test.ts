/** Widgets, questions and progress in a real kernel process, with a test in the place of the people. */
import { MIME } from '@trialroom/shared/notebook/mime';
import type { Output } from '@trialroom/shared/notebook/outputs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type KernelHarness, startKernel } from '../../process/harness.ts';

let kernel: KernelHarness;
const ada = { id: 'ada', name: 'Ada' };

beforeAll(async () => {
  kernel = await startKernel({ cwd: import.meta.dirname });
});
afterAll(() => kernel.close());

const formsOf = (output: Output | undefined): Record<string, unknown> =>
  output?.type === 'display' || output?.type === 'result' ? output.data : {};

describe('in a kernel', () => {
  it('a slider is opened before it is shown, read when a person has moved it, and listened to', async () => {
    const made = await kernel.run(`
      import { slider } from 'trialroom';
      const rate = slider('Rate', { min: 0, max: 10 });
      rate.subscribe((value, by) => console.log('heard', value, by?.name));
      rate`);
    expect(made.error).toBeUndefined();
    const kinds = made.messages.map(({ type }) => type);
    expect(kinds.indexOf('widget.open')).toBeLessThan(kinds.indexOf('result'));
    const open = await kernel.until('widget.open');
    expect(formsOf(made.outputs[0])).toEqual({
      [MIME.widget]: { widget: open.widget },
      'text/plain': 'slider “Rate” = 0',
    });
    kernel.send({ type: 'widget.set', widget: open.widget, value: 4, by: ada });
    const [first] = made.messages;
    if (first?.type !== 'names' && first?.type !== 'started') throw new Error('the cell did not begin');
    await kernel.untilPrinted(first.execution, 'heard 4 Ada');
    expect((await kernel.run('rate.value')).result).toBe('4');
    await kernel.run('rate.set(6)');
    expect(await kernel.until('widget.set')).toMatchObject({ widget: open.widget, value: 6 });
  });

  it('a cell waits for a press, and an interrupt ends the wait for good', async () => {
    const execution = kernel.start(`
      import { button } from 'trialroom';
      const go = display(button('Go')) && button('Go on');
      display(go);
      console.log('waiting');
      console.log('pressed', await go.next());
      for await (const presses of go) console.log('again', presses);`);
    await kernel.untilPrinted(execution, 'waiting');
    const { widget } = await kernel.until('widget.open', ({ spec }) => spec.label === 'Go on');
    kernel.send({ type: 'widget.set', widget, value: 1, by: ada });
    await kernel.untilPrinted(execution, 'pressed 1');
    kernel.send({ type: 'widget.set', widget, value: 2, by: ada });
    await kernel.untilPrinted(execution, 'again 2');
    kernel.send({ type: 'interrupt' });
    expect((await kernel.finished(execution)).end).toBe('aborted');
    kernel.send({ type: 'widget.set', widget, value: 3, by: ada });
    expect((await kernel.run('go.value')).result).toBe('3');
    expect(kernel.textOf(execution)).not.toContain('again 3');
  });

  it('running the cell again keeps what a person chose', async () => {
    const source = "import { select } from 'trialroom'; const size = select('Size', { s: 1, m: 2 }); size";
    await kernel.run(source);
    const { widget } = await kernel.until('widget.open', ({ spec }) => spec.label === 'Size');
    kernel.send({ type: 'widget.set', widget, value: 'm', by: ada });
    await kernel.run(source);
    expect((await kernel.run('size.value')).result).toBe('2');
  });

  it('a file comes with its bytes', async () => {
    await kernel.run("import { file } from 'trialroom'; const given = file('Given'); given");
    const { widget } = await kernel.until('widget.open', ({ spec }) => spec.label === 'Given');
    kernel.send(
      { type: 'widget.set', widget, value: { name: 'a.txt', mime: 'text/plain', bytes: 2 }, by: ada },
      Uint8Array.of(104, 105),
    );
    expect((await kernel.run('[given.value.name, Buffer.from(given.value.content).toString()]')).result).toBe(
      "[ 'a.txt', 'hi' ]",
    );
  });

  it('a question is asked and answered', async () => {
    const execution = kernel.start("import { input } from 'trialroom'; 'hello ' + await input('Name?')");
    const call = await kernel.until('call', ({ method }) => method === 'input');
    expect(call.params).toEqual({ prompt: 'Name?', password: false });
    kernel.send({ type: 'reply', request: call.request, ok: true, value: 'Ada' });
    expect((await kernel.finished(execution)).result).toBe("'hello Ada'");
  });

  it('a million steps of progress are few messages, and the last state is the last', async () => {
    const ran = await kernel.run(`
      import { progress } from 'trialroom';
      const bar = progress(1_000_000, 'counting');
      for (let i = 0; i < 1_000_000; i++) bar.step();
      bar.done();`);
    expect(ran.messages.filter(({ type }) => type === 'update').length).toBeLessThan(50);
    expect(formsOf(ran.outputs[0])[MIME.progress]).toMatchObject({ done: 1e6, total: 1e6, state: 'done' });
  });

  it('progress is stopped with the loop that an interrupt ends', async () => {
    const execution = kernel.start(`
      import { progress } from 'trialroom';
      for (const _ of progress.of(new Array(1e6).fill(0))) { const end = performance.now() + 5; while (performance.now() < end); }`);
    await kernel.until('update', (message) => message.execution === execution);
    kernel.send({ type: 'interrupt' });
    const ran = await kernel.finished(execution);
    expect(formsOf(ran.outputs[0])[MIME.progress]).toMatchObject({ total: 1e6, state: 'stopped' });
  });

  it('what is cleared before the next output stays until then', async () => {
    const ran = await kernel.run(`
      import { clear } from 'trialroom';
      display('one'); clear({ wait: true }); const order = 1; console.log('two'); clear({ wait: true }); 'three'`);
    expect(ran.outputs).toHaveLength(1);
    expect(ran.messages.map(({ type }) => type).filter((type) => type !== 'names')).toEqual([
      'started',
      'display',
      'clear',
      'stream',
      'clear',
      'result',
      'done',
    ]);
  });
});
