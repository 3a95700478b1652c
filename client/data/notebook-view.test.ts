import type { Output } from '@trialroom/shared/notebook/outputs';
import { emptySession } from '@trialroom/shared/notebook/session';
import type { WidgetState } from '@trialroom/shared/notebook/widgets';
import fc from 'fast-check';
import { createStore } from 'solid-js/store';
import { describe, expect, it } from 'vitest';
import {
  applyToNotebook,
  foldAll,
  foldWidgets,
  type NotebookEvent,
  type NotebookView,
  patchOutputs,
} from './notebook-view.ts';
import type { Watched } from './watched.ts';

const say = (text: string) => ({ type: 'stream' as const, name: 'stdout' as const, text });
const show = (id: string, value: number) => ({ type: 'display' as const, data: { x: value }, metadata: {}, id });

describe('patchOutputs', () => {
  it('keeps the identity of outputs that only grew, so that they are not built anew', () => {
    const before = foldAll([], [say('one\n'), show('chart', 1)]);
    const shown: Output[] = before.map((output) => ({ ...output }));
    const [text, chart] = shown;
    patchOutputs(shown, before, foldAll(before, [{ type: 'update', data: { x: 2 }, metadata: {}, id: 'chart' }]));
    expect(shown[0]).toBe(text);
    expect(shown[1]).toBe(chart);
    expect(shown[1]).toMatchObject({ data: { x: 2 } });
  });

  it('always ends with what the fold says', () => {
    const before = foldAll([], [say('one\n'), show('chart', 1), say('two')]);
    const shown = [...before];
    const after = foldAll([], [show('other', 5)]);
    patchOutputs(shown, before, after);
    expect(shown).toEqual(after);
    patchOutputs(shown, after, []);
    expect(shown).toEqual([]);
  });
});

const widget = (id: string, value: unknown): WidgetState => ({
  id,
  cell: 'a',
  spec: { kind: 'checkbox', label: id },
  value,
  by: null,
  live: true,
});

describe('foldWidgets', () => {
  const change = fc.record({
    changed: fc.array(fc.tuple(fc.constantFrom('p', 'q', 'r', 's'), fc.boolean())),
    gone: fc.array(fc.constantFrom('p', 'q', 'r', 's')),
  });

  it('knows each widget once, with the last value anyone gave it, and none that is gone', () => {
    fc.assert(
      fc.property(fc.array(change), (changes) => {
        const expected = new Map<string, boolean>();
        let widgets: WidgetState[] = [];
        for (const { changed, gone } of changes) {
          widgets = foldWidgets(widgets, { changed: changed.map(([id, value]) => widget(id, value)), gone });
          for (const [id, value] of changed) expected.set(id, value);
          for (const id of gone) expected.delete(id);
          expect(new Map(widgets.map(({ id, value }) => [id, value]))).toEqual(expected);
          expect(new Set(widgets.map(({ id }) => id)).size).toBe(widgets.length);
        }
      }),
    );
  });

  it('keeps the place of one that changed', () => {
    const before = [widget('p', false), widget('q', false)];
    const after = foldWidgets(before, { changed: [widget('p', true)], gone: [] });
    expect(after.map(({ id, value }) => [id, value])).toEqual([
      ['p', true],
      ['q', false],
    ]);
  });
});

describe('applyToNotebook', () => {
  const view = (): NotebookView => ({
    topic: 'notebook',
    session: emptySession(),
    outputs: {},
    widgets: [widget('p', false)],
    prompts: [],
    diagnostics: { gone: [{ from: 0, to: 1, severity: 'error', message: 'old' }] },
    file: { path: 'a.ipynb', state: 'synced', message: null, savedAt: null },
    seq: 0,
    gauge: null,
  });
  const after = (...events: NotebookEvent[]): NotebookView => {
    const [store, set] = createStore<Watched<NotebookView>>({
      status: 'ready',
      error: null,
      code: null,
      value: view(),
    });
    for (const event of events) if (store.value) applyToNotebook(store.value, set, event);
    if (!store.value) throw new Error('the view is lost');
    return store.value;
  };

  it('replaces the remarks of all cells, also of those that have none any more', () => {
    const remark = { from: 2, to: 5, severity: 'error' as const, message: 'no such name', code: 2304 };
    const { diagnostics } = after({ type: 'diagnostics', payload: { notebook: 'n', cells: { a: [remark] } } });
    expect(diagnostics).toEqual({ a: [remark] });
  });

  it('shows the prompts that wait, and none that were answered', () => {
    const prompt = (request: number) => ({ request, cell: 'a', execution: 'e', prompt: 'Name?', password: false });
    const first: NotebookEvent = {
      type: 'prompts',
      payload: { notebook: 'n', seq: 1, prompts: [prompt(1), prompt(2)] },
    };
    const second: NotebookEvent = { type: 'prompts', payload: { notebook: 'n', seq: 2, prompts: [prompt(2)] } };
    expect(after(first).prompts).toEqual([prompt(1), prompt(2)]);
    expect(after(first, second).prompts).toEqual([prompt(2)]);
  });

  it('shows again what a deleted cell had said, once it is brought back', () => {
    const { cells: _, console: _entries, ...state } = emptySession();
    const said: NotebookEvent = {
      type: 'output',
      payload: {
        ...{ notebook: 'n', seq: 1, cell: 'a', execution: 'e', begin: true },
        events: [{ type: 'stream', name: 'stdout', text: 'said' }],
      },
    };
    const gone: NotebookEvent = { type: 'session', payload: { notebook: 'n', seq: 2, state, cells: { a: null } } };
    const seen = after(said, gone);
    expect(seen.session.cells).toEqual({});
    expect(seen.outputs.a).toEqual([{ type: 'stream', name: 'stdout', text: 'said' }]);
  });

  it('changes widgets and takes away those that are gone', () => {
    const changed: NotebookEvent = {
      type: 'widgets',
      payload: { notebook: 'n', seq: 1, changed: [widget('p', true), widget('q', 7)], gone: [] },
    };
    const gone: NotebookEvent = { type: 'widgets', payload: { notebook: 'n', seq: 2, changed: [], gone: ['p'] } };
    expect(after(changed).widgets).toEqual([widget('p', true), widget('q', 7)]);
    expect(after(changed, gone).widgets).toEqual([widget('q', 7)]);
  });
});
