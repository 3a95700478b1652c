/** What a trial's code says in events: pictures, histograms, tables, texts, alerts and checkpoints. */
import { inflateSync } from 'node:zlib';
import { CodeRule } from '@trialroom/shared/trial/alert';
import { SaidEvent } from '@trialroom/shared/trial/event';
import { SaidMedia } from '@trialroom/shared/trial/media';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { isGivenBack } from '../../process/host.ts';
import { MemoryHost } from './memory-host.ts';
import { Trial } from './trial.ts';

let host: MemoryHost;
let run: Trial;
beforeEach(() => {
  host = new MemoryHost();
  run = new Trial(host, 't1', 'first', undefined);
  run.log({ loss: 1 }, { step: 7 });
});

/** The newest event, as the server would read it. */
function said(): SaidEvent {
  const text = new TextDecoder().decode([...host.payloads.values()].at(-1));
  const [event] = JSON.parse(text);
  return SaidEvent.parse(event);
}
const media = (): SaidMedia => SaidMedia.parse(said().data);

/** Lines of pixels of a PNG without filters or interlace. */
function pixelsOf(png: Buffer): { width: number; height: number; type: number; lines: number[][] } {
  const [width, height, type] = [png.readUInt32BE(16), png.readUInt32BE(20), png[25] ?? -1];
  const length = png.readUInt32BE(33);
  expect(png.subarray(37, 41).toString()).toBe('IDAT');
  const raw = inflateSync(png.subarray(41, 41 + length));
  const stride = raw.length / height;
  const lines = Array.from({ length: height }, (_, y) => [...raw.subarray(y * stride + 1, (y + 1) * stride)]);
  return { width, height, type, lines };
}

describe('pictures', () => {
  const drawn = () => {
    const image = media();
    if (image.media !== 'image') throw new Error('no picture');
    return { ...pixelsOf(Buffer.from(image.base64, 'base64')), key: image.key };
  };

  it('are PNG files of the numbers given, from black to white', () => {
    run.image('digit', [
      [0, 0.5],
      [1, Number.NaN],
    ]);
    expect(drawn()).toEqual({
      key: 'digit',
      width: 2,
      height: 2,
      type: 0,
      lines: [
        [0, 128],
        [255, 0],
      ],
    });
    expect(said()).toMatchObject({ kind: 'media', step: 7, text: 'digit at step 7' });
    run.image('colours', { data: Uint8Array.of(1, 2, 3, 4, 5, 6), width: 2, height: 1 }, { step: 9, caption: 'two' });
    expect(drawn()).toMatchObject({ type: 2, lines: [[1, 2, 3, 4, 5, 6]] });
    expect(said()).toMatchObject({ step: 9, data: { caption: 'two', width: 2, height: 1 } });
    run.image('logits', [[-2, 2]], { range: [-2, 2] });
    expect(drawn().lines).toEqual([[0, 255]]);
  });

  it('may be files, which go as they are', () => {
    run.image('digit', [[1]]);
    const first = media();
    const file = Buffer.from(first.media === 'image' ? first.base64 : '', 'base64');
    run.image('file', new Uint8Array(file));
    expect(media()).toMatchObject({ type: 'image/png', base64: file.toString('base64') });
  });

  it('are refused with what would do', () => {
    expect(() => run.image('x', [1, 2])).toThrow('has the shape [2]; give [height, width]');
    expect(() => run.image('x', new Uint8Array(4))).toThrow('no PNG, JPEG or WebP file');
    expect(() => run.image('x', { data: [1], width: 5000, height: 1 })).toThrow(RangeError);
    expect(() => run.image('x', [['a']])).toThrow('holds a string; give numbers');
    expect(() => run.image('', [[1]])).toThrow('the key is a text of 1 to 300 characters');
    expect(host.payloads.size).toBe(0);
  });
});

describe('histograms', () => {
  it('count every finite value once, whatever the values', () => {
    fc.assert(
      fc.property(fc.array(fc.double(), { maxLength: 200 }), fc.integer({ min: 1, max: 64 }), (values, bins) => {
        run.histogram('w', values, { bins });
        const found = media();
        if (found.media !== 'histogram') throw new Error('no histogram');
        const { counts, edges, nan, infinite } = found;
        expect(counts.reduce((sum, count) => sum + count, 0) + nan + infinite).toBe(values.length);
        expect(nan).toBe(values.filter(Number.isNaN).length);
        if (counts.length > 0) expect(edges).toHaveLength(counts.length + 1);
      }),
    );
  });

  it('take counts between edges, and refuse what does not fit', () => {
    run.histogram('w', { edges: [0, 1, 3], counts: [4, 5] });
    expect(media()).toMatchObject({ edges: [0, 1, 3], counts: [4, 5] });
    expect(() => run.histogram('w', { edges: [0, 1], counts: [4, 5] })).toThrow('one edge more');
    expect(() => run.histogram('w', { edges: [0, 0, 1], counts: [4, 5] })).toThrow('ascending');
    expect(() => run.histogram('w', [1], { bins: 1000 })).toThrow('from 1 to 512');
  });
});

describe('tables and texts', () => {
  it('keep every column that a row has, and odd numbers', () => {
    run.table('worst', [
      { label: 3, p: Number.NaN },
      { label: '4', extra: true },
    ]);
    expect(media()).toMatchObject({
      table: {
        columns: ['label', 'p', 'extra'],
        rows: [
          [3, 'NaN', null],
          ['4', null, true],
        ],
      },
    });
    run.text('sample', 'Once upon a time');
    expect(media()).toMatchObject({ media: 'text', text: 'Once upon a time' });
  });

  it('are refused when they are too big or something else', () => {
    expect(() => run.table('t', new Array(10_001).fill({ a: 1 }))).toThrow('has 10001 rows; give at most 10000');
    expect(() => run.table('t', [1 as never])).toThrow('no array of objects');
    expect(() => run.text('t', 'x'.repeat(5_000_000))).toThrow('give at most 4 MB');
  });
});

describe('alerts, notes and checkpoints', () => {
  it('say where and what', () => {
    run.alert('Gradients explode', { level: 'error', text: 'norm 1e9' });
    expect(said()).toMatchObject({
      ...{ kind: 'alert', step: 7, text: 'Gradients explode: norm 1e9' },
      data: { title: 'Gradients explode', level: 'error', text: 'norm 1e9' },
    });
    run.note('y'.repeat(5000));
    expect(said().text).toHaveLength(2000);
    run.checkpoint('cp/7', { bytes: 10, value: Number.POSITIVE_INFINITY });
    expect(said()).toMatchObject({ kind: 'checkpoint', step: 7, data: { path: 'cp/7', bytes: 10, value: 'Infinity' } });
    expect(() => run.alert('')).toThrow('title of 1 to 200');
    expect(() => run.alert('x', { level: 'loud' as never })).toThrow('no level "loud"');
    expect(() => run.checkpoint('')).toThrow('path of the file');
  });

  it('are rules in the words of the room, of which one sentence is one rule', () => {
    run.watch('val_loss  HAS not improved for 20 epochs');
    const sentence = 'val_loss (lower is better) has not improved for 20 epochs';
    const data = { rule: `code: ${sentence}`, when: sentence, level: 'warning' };
    expect(said()).toMatchObject({ kind: 'watch', step: 7, text: `Watches: ${sentence}.`, data });
    run.watch(sentence, { level: 'error' });
    expect(CodeRule.parse(said().data)).toEqual({ ...data, level: 'error' });
    run.watch(`${'x'.repeat(400)} > 3`);
    expect(CodeRule.parse(said().data).when).toBe(`${'x'.repeat(400)} > 3`);
    expect(() => run.watch('loss goes up')).toThrow('"loss goes up" is not understood; write for example: val_loss');
    expect(() => run.watch('x'.repeat(501))).toThrow('a sentence of 1 to 500 characters');
    expect(() => run.watch('loss > 1', { level: 'loud' as never })).toThrow('trial.watch: there is no level "loud"');
  });

  it('come after the points that were logged before, and not after the end', async () => {
    run.log({ loss: 2 }, { step: 8 });
    run.alert('now');
    const order = host.sent.flatMap((message) => ('seq' in message ? [[message.type, message.seq]] : []));
    expect(order).toEqual([
      ['trial.points', 1],
      ['trial.points', 2],
      ['trial.events', 3],
    ]);
    await run.finish();
    expect(() => run.alert('late')).toThrow('is over');
  });
});

describe('a pause that releases', () => {
  const told = () => host.sent.filter((message) => message.type === 'trial.paused');

  it('says so only when the newest checkpoint holds everything', async () => {
    host.wish('t1', 'release');
    const bare = run.pausePoint();
    await Promise.resolve();
    host.wish('t1', 'resume');
    await bare;
    expect(told()).toEqual([
      { type: 'trial.paused', trial: 't1', paused: true },
      { type: 'trial.paused', trial: 't1', paused: false },
    ]);
    run.checkpoint('cp/7');
    host.wish('t1', 'pause');
    const kept = run.pausePoint();
    await Promise.resolve();
    expect(told().at(-1)).toEqual({ type: 'trial.paused', trial: 't1', paused: true });
    // Wished for later than the pause.
    host.wish('t1', 'release');
    await new Promise((next) => setImmediate(next));
    expect(told().at(-1)).toEqual({ type: 'trial.paused', trial: 't1', paused: true, released: true });
    host.wish('t1', 'resume');
    await kept;
    run.log({ loss: 3 });
    host.wish('t1', 'release');
    const later = run.pausePoint();
    await Promise.resolve();
    expect(told().at(-1)).toEqual({ type: 'trial.paused', trial: 't1', paused: true });
    host.wish('t1', 'stop');
    await later;
  });

  it('leaves the code of a trial that was given up while its kernel lives on, and says where it goes on', async () => {
    run.log({ loss: 1 }, { step: 1234 });
    host.wish('t1', 'release');
    const leaving = run.pausePoint(async () => run.checkpoint('cp/1234'));
    await new Promise((next) => setImmediate(next));
    expect(told().at(-1)).toEqual({ type: 'trial.paused', trial: 't1', paused: true, released: true });
    host.giveUp('t1');
    const thrown = await leaving.catch((error: unknown) => error);
    expect(isGivenBack(thrown)).toBe(true);
    expect(thrown).toMatchObject({ name: 'Released', message: expect.stringContaining('goes on from step 1,234') });
    // Code that does not let it pass gets no further, and what tidies up does no harm.
    expect(() => run.log({ loss: 1 })).toThrow('was paused and released; resume it in its room');
    await run.finish();
    expect(host.sent.some(({ type }) => type === 'trial.finish')).toBe(false);
    expect(isGivenBack(new Error('other'))).toBe(false);
  });

  it('steps go on from the checkpoint, and numbers of messages after those that are taken', async () => {
    const resume = {
      checkpoints: [
        { path: 'b', step: 3 },
        { path: 'dir/a', step: 2 },
      ],
      after: 1000,
    };
    const again = new Trial(host, 't2', 'second', undefined, resume);
    const restored: unknown[] = [];
    const seen: number[] = [];
    const saved: number[] = [];
    const options = {
      every: 2,
      checkpoint: (step: number) => {
        saved.push(step);
        return `s${step}`;
      },
      restore: (...from: unknown[]) => void restored.push(from),
    };
    for await (const step of again.steps(8, options)) {
      seen.push(step);
      if (step === 6) host.wish('t2', 'stop');
    }
    expect(restored).toEqual([['b', 3]]);
    expect(seen).toEqual([3, 4, 5, 6]);
    // Each second one, and where it was stopped.
    expect(saved).toEqual([4, 6, 7]);
    const numbers = host.sent.flatMap((message) => ('seq' in message && message.trial === 't2' ? [message.seq] : []));
    expect(numbers).toEqual([1001, 1002, 1003]);
    expect(again.goesOnFrom('dir')).toEqual({ path: 'dir/a', step: 2 });
    await expect(again.steps(3, { every: 1 }).next()).rejects.toThrow('needs { checkpoint }');
  });
});
