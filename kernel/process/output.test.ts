import { OUTPUT_WINDOW } from '@trialroom/shared/kernel/limits';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type KernelHarness, startKernel } from './harness.ts';

let kernel: KernelHarness;
beforeAll(async () => {
  kernel = await startKernel();
});
afterAll(() => kernel?.close());

describe('results', () => {
  it.each([0, 1_000, 100_000])('of %i rows arrive before the end is told, once', async (count) => {
    const { messages, end } = await kernel.run(
      `Array.from({ length: ${count} }, (_, id) => ({ id, square: id * id }))`,
    );
    expect(end).toBe('ok');
    expect(messages.map(({ type }) => type).filter((type) => type !== 'gauge')).toEqual([
      'names',
      'started',
      'result',
      'done',
    ]);
  });
});

describe('printing', () => {
  it('loses no line of a million, keeps their order and joins them into few frames', async () => {
    const before = kernel.frames;
    const { text, end } = await kernel.run('for (let i = 0; i < 1_000_000; i++) console.log("line " + i)');
    expect(end).toBe('ok');
    expect(kernel.frames - before).toBeLessThan(5_000);
    let expected = 0;
    let start = 0;
    while (start < text.length) {
      const next = text.indexOf('\n', start);
      if (text.slice(start, next) !== `line ${expected}`)
        throw new Error(`line ${expected} is ${text.slice(start, next)}`);
      expected++;
      start = next + 1;
    }
    expect(expected).toBe(1_000_000);
  });

  it('keeps the order of both streams, displays and errors', async () => {
    const { messages } = await kernel.run(
      'console.log("a"); console.error("b"); console.log("c"); display("d"); process.stdout.write("e"); throw new Error("f")',
    );
    const said = messages.map((message) => {
      if (message.type === 'stream') return `${message.name}:${message.text.trim()}`;
      if (message.type === 'display') return `display:${message.data['text/plain']}`;
      return message.type;
    });
    expect(said).toEqual([
      'names',
      'started',
      'stdout:a',
      'stderr:b',
      'stdout:c',
      'display:d',
      'stdout:e',
      'error',
      'done',
    ]);
  });

  it('reaches the parent although the cell never yields, also the last line', async () => {
    const execution = kernel.start('for (let i = 0; i < 50; i++) console.log(i); console.log("last"); while (true) {}');
    await kernel.untilPrinted(execution, 'last\n');
    kernel.send({ type: 'interrupt' });
    await kernel.finished(execution);
  });

  it('takes bytes, also characters cut in two, and calls back', async () => {
    const { text } = await kernel.run(
      `const bytes = Buffer.from('é😀');
       for (const byte of bytes) process.stdout.write(Uint8Array.of(byte));
       await new Promise((resolve) => process.stdout.write('!', () => resolve(null)));
       process.stdout.write('\\ud83d', 'utf8', () => {});`,
    );
    expect(text).toBe('é😀!\ud83d');
  });

  it('of one huge string arrives whole, in several frames', async () => {
    const { text, messages } = await kernel.run('console.log("x".repeat(20_000_000))');
    expect(text.length).toBe(20_000_001);
    expect(messages.filter(({ type }) => type === 'stream').length).toBeGreaterThan(10);
  });
});

describe('back-pressure', () => {
  afterEach(() => {
    kernel.credit = true;
    kernel.pay();
  });

  it('blocks a cell that prints to a parent that does not read, and lets it go on when it does', async () => {
    kernel.credit = false;
    const execution = kernel.start(
      'let printed = 0; for (; printed < 100; printed++) console.log("x".repeat(500_000)); "all"',
    );
    while (kernel.owed <= OUTPUT_WINDOW) await kernel.until('stream', fresh());
    kernel.send({ type: 'inspect', request: 1, expression: 'printed' });
    const { value } = await kernel.until('answer', ({ request }) => request === 1);
    // The look is refused while the thread waits in native code, which is where it must be.
    expect(value).not.toMatchObject({ text: '100' });
    expect(kernel.owed).toBeLessThan(OUTPUT_WINDOW + 2 * 1024 * 1024);
    kernel.credit = true;
    kernel.pay();
    const ran = await kernel.finished(execution);
    expect(ran.result).toBe("'all'");
    expect(ran.text.length).toBe(100 * 500_001);
  });

  it('can be interrupted', async () => {
    kernel.credit = false;
    const execution = kernel.start('for (;;) console.log("x".repeat(100_000))');
    while (kernel.owed <= OUTPUT_WINDOW) await kernel.until('stream', fresh());
    kernel.send({ type: 'interrupt' });
    expect((await kernel.finished(execution)).end).toBe('aborted');
    kernel.credit = true;
    kernel.pay();
    expect((await kernel.run('console.log("again"); 1')).text).toBe('again\n');
  });
});

/** Fits only messages that come after this call. */
function fresh(): () => boolean {
  const seen = kernel.messages.length;
  return () => kernel.messages.length > seen;
}

describe('display', () => {
  const tools = `const { display, chart, clear, html } = await import(${JSON.stringify(new URL('../display/index.ts', import.meta.url).href)});`;

  it('is replaced by the update of its handle', async () => {
    const { outputs } = await kernel.run('const shown = display("one"); shown.update("two"); shown');
    expect(outputs).toEqual([expect.objectContaining({ type: 'display', data: { 'text/plain': 'two' } })]);
  });

  it('of a chart shows the last state before the cell is done, in few updates', async () => {
    const { outputs, messages } = await kernel.run(
      `${tools} const c = chart({ title: 'Loss' }); for (let i = 0; i < 5000; i++) c.push(i, i % 2 ? { loss: 1 / i } : { loss: NaN, extra: i });`,
    );
    expect(messages.at(-1)?.type).toBe('done');
    expect(messages.filter(({ type }) => type === 'update').length).toBeLessThan(50);
    const [output] = outputs;
    if (output?.type !== 'display') throw new Error('no chart');
    const data = output.data['application/vnd.trialroom.chart+json'];
    expect(data).toMatchObject({ title: 'Loss' });
    expect(Reflect.get(Object(data), 'x')).toHaveLength(5000);
    const [loss, extra] = Reflect.get(Object(data), 'series');
    expect([loss.y.slice(0, 3), loss.y.at(-1), extra.y.slice(0, 3)]).toEqual([[null, 1, null], 1 / 4999, [0, null, 2]]);
  });

  it('of a chart is finished also when the cell is interrupted', async () => {
    const execution = kernel.start(
      `${tools} const d = chart(); for (let i = 0; i < 100; i++) d.push(i, { y: i }); console.log("go"); while (true) {}`,
    );
    await kernel.untilPrinted(execution, 'go');
    kernel.send({ type: 'interrupt' });
    const { outputs } = await kernel.finished(execution);
    expect(JSON.stringify(outputs)).toContain('last 99');
  });

  it('is taken away by clear()', async () => {
    const { outputs } = await kernel.run(
      `${tools} console.log("old"); display(html("<b>old</b>")); clear(); console.log("new")`,
    );
    expect(outputs).toEqual([{ type: 'stream', name: 'stdout', text: 'new\n' }]);
  });
});
