import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { MIME } from '@trialroom/shared/notebook/mime';
import { WidgetSpec } from '@trialroom/shared/notebook/widgets';
import fc from 'fast-check';
import { beforeAll, describe, expect, expectTypeOf, it, vi } from 'vitest';
import { resultBundle } from '../../display/bundle.ts';
import { installHost } from '../../process/host.ts';
import { input, signal } from '../ask.ts';
import { MemoryHost } from '../trial/memory-host.ts';
import { button, checkbox, file, type GivenFile, select, slider, text } from './make.ts';
import type { Widget } from './widget.ts';

const host = new MemoryHost();
beforeAll(() => installHost(host));

/** Shows a widget as the result of a cell does, and returns what the page is told of it. */
function shown(widget: Widget<unknown>) {
  const { data } = resultBundle(widget);
  const sent = host.widgets.get(widget.id);
  return { data, spec: WidgetSpec.parse(sent?.spec), value: sent?.value };
}

describe('widgets', () => {
  it('are opened where they are shown, with words for where they cannot be', () => {
    const rate = slider('Learning rate', { min: 0, max: 0.1, step: 0.01, value: 0.01 });
    expect(host.widgets.has(rate.id)).toBe(false);
    expect(shown(rate)).toEqual({
      data: { [MIME.widget]: { widget: rate.id }, 'text/plain': 'slider “Learning rate” = 0.01' },
      spec: { kind: 'slider', label: 'Learning rate', min: 0, max: 0.1, step: 0.01 },
      value: 0.01,
    });
    expect(shown(select('Size', ['s', 'm'])).data['text/plain']).toBe('select “Size” = s');
    expect(shown(checkbox('Shuffle')).data['text/plain']).toBe('checkbox “Shuffle” = false');
    expect(shown(text('Name', { value: 'a"b' })).data['text/plain']).toBe('text “Name” = "a\\"b"');
    expect(shown(button('Go')).data['text/plain']).toBe('button “Go” = pressed 0 times');
    expect(shown(file('Data', { accept: '.csv' })).data['text/plain']).toBe('file “Data” = none');
  });

  it('have the values their options have', () => {
    expectTypeOf(select('x', ['adam', 'sgd']).value).toEqualTypeOf<'adam' | 'sgd'>();
    expectTypeOf(select('x', { small: 16, large: 64 }).value).toEqualTypeOf<16 | 64>();
    expectTypeOf(select('x', ['a', 'b'], { multiple: true }).value).toEqualTypeOf<('a' | 'b')[]>();
    expectTypeOf(slider('x').value).toEqualTypeOf<number>();
    expectTypeOf(file('x').value).toEqualTypeOf<GivenFile | null>();
    const size = select('Typed size', { small: 16, large: 64 }, { value: 64 });
    shown(size);
    expect(size.value).toBe(64);
    host.change(size.id, 'small');
    expect(size.value).toBe(16);
    size.set(64);
    host.end('execution 1', 'ok');
    expect(host.widgets.get(size.id)?.value).toBe('large');
    const several = select('Several', ['a', 'b', 'c'], { multiple: true, value: ['b'] });
    shown(several);
    host.change(several.id, ['a', 'c']);
    expect(several.value).toEqual(['a', 'c']);
  });

  it('tell whoever listens of changes, by people and by code', () => {
    const on = checkbox('Listened to');
    shown(on);
    const heard = vi.fn();
    const leave = on.subscribe(heard);
    host.change(on.id, true);
    on.set(false);
    on.set(false);
    expect(heard.mock.calls).toEqual([
      [true, { id: 'ada', name: 'Ada' }],
      [false, undefined],
    ]);
    leave();
    host.change(on.id, true);
    expect(heard).toHaveBeenCalledTimes(2);
    expect(on.value).toBe(true);
  });

  it('tell the page of what a loop sets now and then, and of the last', () => {
    const counter = slider('Counted', { min: 0, max: 1e6 });
    shown(counter);
    const sent = vi.spyOn(host, 'setWidget');
    for (let value = 1; value <= 100_000; value++) counter.set(value);
    expect(sent.mock.calls.length).toBeLessThan(1000);
    host.end('execution 1', 'ok');
    expect(sent).toHaveBeenLastCalledWith(counter.id, 100_000);
    counter.set(1);
    counter.set(2);
    host.change(counter.id, 3);
    const before = sent.mock.calls.length;
    host.end('execution 1', 'ok');
    expect(sent.mock.calls.length).toBe(before);
    expect(counter.value).toBe(3);
    sent.mockRestore();
  });

  it('can be awaited, and looped over without losing a change', async () => {
    const go = button('Awaited');
    shown(go);
    const pressed = go.next();
    host.change(go.id, 1);
    expect(await pressed).toBe(1);
    const seen: number[] = [];
    const loop = (async () => {
      for await (const presses of go) {
        seen.push(presses);
        if (presses === 4) break;
      }
    })();
    for (const presses of [2, 3, 4, 5]) host.change(go.id, presses);
    await loop;
    expect(seen).toEqual([2, 3, 4]);
    const rest = (async () => {
      for await (const presses of go) seen.push(presses);
    })();
    host.change(go.id, 6);
    go.close();
    await rest;
    expect(seen).toEqual([2, 3, 4, 6]);
    await expect(go.next()).rejects.toThrow('it is closed');
    expect(host.widgets.get(go.id)?.open).toBe(false);
  });

  it('give nothing more to a loop that was interrupted', async () => {
    const field = text('Interrupted');
    shown(field);
    const seen: string[] = [];
    const loop = (async () => {
      for await (const value of field) seen.push(value);
      seen.push('left');
    })();
    host.change(field.id, 'a');
    await Promise.resolve();
    await new Promise<void>((resolve) => setImmediate(resolve));
    const { controller } = host;
    controller.abort();
    host.controller = new AbortController();
    host.change(field.id, 'b');
    await new Promise<void>((resolve) => setImmediate(resolve));
    expect(seen).toEqual(['a']);
    expect(field.value).toBe('b');
    void loop;
  });

  it('keep what a person chose when the cell is run again, as long as it asks the same', () => {
    const first = slider('Kept', { min: 0, max: 10, value: 3 });
    shown(first);
    host.change(first.id, 7);
    expect(slider('Kept', { min: 0, max: 10, value: 3 }).value).toBe(7);
    expect(slider('Kept', { min: 0, max: 10, value: 4 }).value).toBe(4);
    expect(slider('Kept', { min: 0, max: 11, value: 3 }).value).toBe(3);
    first.set(5);
    expect(slider('Kept', { min: 0, max: 10, value: 3 }).value).toBe(3);
    const go = button('Kept');
    shown(go);
    host.change(go.id, 3);
    expect(button('Kept').value).toBe(0);
  });

  it('take files with their bytes', () => {
    const given = file('Given');
    shown(given);
    host.change(given.id, { name: 'a.csv', mime: 'text/csv', bytes: 3, junk: 1 }, Uint8Array.of(1, 2, 3));
    expect(given.value).toEqual({ name: 'a.csv', mime: 'text/csv', bytes: 3, content: Uint8Array.of(1, 2, 3) });
    given.set(null);
    expect(given.value).toBeNull();
  });

  it('that nobody holds let go of their files, and what was chosen is kept all the same', () => {
    setFlagsFromString('--expose-gc');
    const collect: () => void = runInNewContext('gc');
    const giveUnheld = (byte: number): WeakRef<Uint8Array> => {
      const content = new Uint8Array(1000).fill(byte);
      const unheld = file('Unheld');
      shown(unheld);
      host.change(unheld.id, { name: String(byte), mime: '', bytes: 1000 }, content);
      return new WeakRef(content);
    };
    const first = giveUnheld(1);
    giveUnheld(2);
    return new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      collect();
      expect(first.deref()).toBeUndefined();
      expect(file('Unheld').value?.name).toBe('2');
    });
  });

  it('refuse what they do not take, in words', () => {
    expect(() => slider('x', { min: 1, max: 1 })).toThrow('min < max');
    expect(() => slider('x', { step: 0 })).toThrow('step > 0');
    expect(() => slider('x').set(Number.NaN)).toThrow('“x” takes a number from 0 to 1');
    expect(() => select('x', [])).toThrow('1 to 1000');
    expect(() => Reflect.apply(select, undefined, ['x', ['a'], { value: 'b' }])).toThrow('one of its options: a');
    const bounded = slider('x', { min: 0, max: 5 });
    bounded.set(99);
    expect(bounded.value).toBe(5);
  });

  it('keep their kind of value whatever comes from a page', () => {
    const made = [slider('s'), select('o', ['a', 'b']), checkbox('c'), text('t'), button('b'), file('f')];
    for (const widget of made) shown(widget);
    fc.assert(
      fc.property(fc.anything(), (value) => {
        for (const widget of made) host.change(widget.id, value);
        const [number, option, on, written, presses, given] = made.map((widget): unknown => widget.value);
        expect(number).toBeGreaterThanOrEqual(0);
        expect(number).toBeLessThanOrEqual(1);
        expect(['a', 'b']).toContain(option);
        expect([typeof on, typeof written, Number.isSafeInteger(presses)]).toEqual(['boolean', 'string', true]);
        expect(given === null || typeof given === 'object').toBe(true);
      }),
    );
  });
});

it('input asks the notebook, and signal is that of the cell', async () => {
  host.answers = ['Ada'];
  expect(await input('Who?', { password: true })).toBe('Ada');
  expect(host.asked.at(-1)).toEqual({ prompt: 'Who?', password: true });
  await expect(input()).rejects.toThrow('nobody');
  expect(signal()).toBe(host.controller.signal);
});
