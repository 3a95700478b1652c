import type { CellRange } from '@trialroom/shared/language/language';
import { cellsOf, insertCells, sourceOf } from '@trialroom/shared/notebook/document';
import { createRoot } from 'solid-js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import type { AskLanguage } from '../../data/language.ts';
import { wishAt } from './plan.ts';
import { createRenaming, type Renaming } from './renaming.ts';

/** The document in this browser, and as the server has it with what a colleague wrote. */
let here: Y.Doc;
let server: Y.Doc;
/** How often the language server was asked. */
let asked: number;
/** Done before the next answer is given. */
let meanwhile: () => void;
let renames: Renaming;
let dispose: () => void;

const textOf = (doc: Y.Doc, id: string): Y.Text => {
  const cell = cellsOf(doc).get(id);
  if (!cell) throw new Error(`no cell ${id}`);
  return sourceOf(cell);
};
const read = (id: string): string => textOf(here, id).toString();
const bring = (from: Y.Doc, to: Y.Doc): void => Y.applyUpdate(to, Y.encodeStateAsUpdate(from), 'line');

/** A language server for which a name is a word, told of the cells that the server has. */
const ask = (async ({ cell, source, offset, to }: { cell: string; source: string; offset: number; to: string }) => {
  asked++;
  const name = /\w+/.exec(source.slice(offset))?.[0] ?? '';
  const edits: (CellRange & { insert: string })[] = [];
  const cells: { cell: string; source: string }[] = [];
  for (const id of cellsOf(server).keys()) {
    const text = id === cell ? source : textOf(server, id).toString();
    const found = [...text.matchAll(new RegExp(`\\b${name}\\b`, 'g'))];
    for (const { index } of found) edits.push({ cell: id, from: index, to: index + name.length, insert: to });
    if (found.length > 0) cells.push({ cell: id, source: text });
  }
  meanwhile();
  return { ask: 'rename', edits, cells, problem: null };
}) as unknown as AskLanguage;

beforeEach(() => {
  [here, server, asked] = [new Y.Doc(), new Y.Doc(), 0];
  meanwhile = () => {};
  insertCells(
    here,
    [
      { id: 'a', type: 'code', source: 'let loss = 1;\nlet other = 2;' },
      { id: 'b', type: 'code', source: '// reads\nloss + 1' },
    ],
    null,
  );
  bring(here, server);
  createRoot((end) => {
    dispose = end;
    renames = createRenaming({
      ...{ doc: here, ask, canEdit: () => true, origin: 'rename', change: (make) => make() },
      received: async () => bring(here, server),
    });
  });
});
afterEach(() => dispose());

/** Asks, and shows what comes of it. Returns why nothing does. */
async function propose(): Promise<string | null> {
  const wish = wishAt(here, 'a', { from: 4, text: 'loss' }, 'error');
  if (!wish) throw new Error('no wish');
  const proposal = await renames.propose(wish);
  if (typeof proposal === 'string') return proposal;
  proposal();
  return null;
}
const preview = () => {
  const shown = renames.preview();
  if (!shown) throw new Error('nothing is shown');
  return shown;
};

describe('a rename', () => {
  it('is shown before it is made, and changes nothing when it is left', async () => {
    expect(await propose()).toBeNull();
    expect(preview().plan).toMatchObject({ places: 2, cells: [{ cell: 'a', places: 1 }, { cell: 'b' }] });
    renames.cancel();
    expect(renames.preview()).toBeNull();
    expect(await renames.apply()).toBe(false);
    expect([read('a'), read('b')]).toEqual(['let loss = 1;\nlet other = 2;', '// reads\nloss + 1']);
  });

  it('is asked about again when the answer was about another text than the one here', async () => {
    meanwhile = () => {
      meanwhile = () => {};
      textOf(server, 'b').insert(0, '// Ben: ');
      bring(server, here);
    };
    expect(await propose()).toBeNull();
    expect(asked).toBe(2);
    expect(await renames.apply()).toBe(true);
    expect(read('b')).toBe('// Ben: // reads\nerror + 1');
  });

  it('keeps what others wrote on other lines while it was looked at', async () => {
    await propose();
    textOf(server, 'a').insert(0, '// how wrong it is\n');
    bring(server, here);
    expect(await renames.apply()).toBe(true);
    expect(read('a')).toBe('// how wrong it is\nlet error = 1;\nlet other = 2;');
    expect(read('b')).toBe('// reads\nerror + 1');
  });

  it('is shown anew, and not made, when others made it another one', async () => {
    await propose();
    textOf(server, 'b').insert(textOf(server, 'b').length, ' + loss');
    bring(server, here);
    expect(await renames.apply()).toBe(false);
    expect(preview()).toMatchObject({ changed: true, problem: null, plan: { places: 3 } });
    expect(read('b')).toBe('// reads\nloss + 1 + loss');
    expect(await renames.apply()).toBe(true);
    expect(read('b')).toBe('// reads\nerror + 1 + error');
  });

  it('says so when the name is gone that was asked about', async () => {
    await propose();
    textOf(server, 'a').delete(4, 4);
    bring(server, here);
    expect(await renames.apply()).toBe(false);
    expect(preview().problem).toMatch(/"loss" no longer stands/);
    expect(read('b')).toBe('// reads\nloss + 1');
  });

  it('gives up while others go on and on writing', async () => {
    meanwhile = () => {
      textOf(server, 'b').insert(0, '.');
      bring(server, here);
    };
    expect(await propose()).toMatch(/Others are writing/);
  });
});
