import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { cellsOf, deleteCell, insertCells, sourceOf } from '@trialroom/shared/notebook/document';
import { parseNotebook, serialiseNotebook } from '@trialroom/shared/notebook/format';
import { afterEach, beforeEach, expect, test } from 'vitest';
import * as Y from 'yjs';
import { z } from 'zod';
import { connectEditor, notebookOf } from './testing.ts';

const ENTRY = fileURLToPath(new URL('testing-server.ts', import.meta.url));
const Started = z.object({ url: z.string(), token: z.string(), id: z.string() });

let dataDir: string;
let folder: string;
let child: ChildProcess | null = null;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'trialroom-crash-'));
  folder = await mkdtemp(join(tmpdir(), 'trialroom-notebooks-'));
});
afterEach(async () => {
  child?.kill('SIGKILL');
  await rm(dataDir, { recursive: true, force: true });
  await rm(folder, { recursive: true, force: true });
});

async function start(): Promise<z.infer<typeof Started>> {
  const options = JSON.stringify({ dataDir, folder, path: 'n.ipynb' });
  const running = spawn(process.execPath, [ENTRY, options], { stdio: ['ignore', 'pipe', 'inherit'] });
  child = running;
  for await (const line of createInterface({ input: running.stdout })) return Started.parse(JSON.parse(line));
  throw new Error('the server ended before it listened');
}

async function kill(): Promise<void> {
  const running = child;
  if (!running) return;
  running.kill('SIGKILL');
  await once(running, 'exit');
}

test('every acknowledged edit is there after kill -9, deletions too, and the file stays readable', async () => {
  await writeFile(join(folder, 'n.ipynb'), serialiseNotebook(notebookOf('start', 'doomed')));
  /** What was acknowledged: marks that must be in the text, cells that must be gone. */
  const marks: string[] = [];
  const gone: string[] = [];
  for (let round = 0; round < 2; round++) {
    const server = await start();
    // A new document each time: the server must bring everything back by itself.
    const editor = connectEditor(server.url, server.id, server.token, new Y.Doc());
    await editor.synced();
    const cell = cellsOf(editor.doc).get('c0');
    if (!cell) throw new Error('the first cell is gone');
    const present = sourceOf(cell).toString();
    expect(marks.filter((mark) => !present.includes(mark))).toEqual([]);
    expect(gone.filter((id) => cellsOf(editor.doc).has(id))).toEqual([]);

    const waiting: { count: number; mark: string; cell: string }[] = [];
    const goal = marks.length + 15;
    for (let step = 0; marks.length < goal; step++) {
      const [mark, doomed] = [`<${round}.${step}>`, `d${round}-${step}`];
      sourceOf(cell).insert((step * 5) % (sourceOf(cell).length + 1) === 0 ? 0 : sourceOf(cell).length, mark);
      insertCells(editor.doc, [{ id: doomed, type: 'raw', source: 'x' }], null);
      deleteCell(editor.doc, doomed);
      waiting.push({ count: editor.sent, mark, cell: doomed });
      // Turn by turn, so that edits are always on their way when the end comes.
      await new Promise((turn) => setImmediate(turn));
      while (waiting[0] && waiting[0].count <= editor.saved.count) {
        const safe = waiting.shift();
        if (safe) marks.push(safe.mark);
        if (safe) gone.push(safe.cell);
      }
    }
    expect(waiting.length).toBeGreaterThan(0);
    await kill();
    editor.close();
  }
  const server = await start();
  const editor = connectEditor(server.url, server.id, server.token, new Y.Doc());
  await editor.synced();
  const text = cellsOf(editor.doc).get('c0')?.get('source')?.toString() ?? '';
  expect(marks.filter((mark) => !text.includes(mark))).toEqual([]);
  expect(marks.filter((mark) => text.split(mark).length > 2)).toEqual([]);
  expect(gone.filter((id) => cellsOf(editor.doc).has(id))).toEqual([]);
  editor.close();
  await kill();
  parseNotebook(await readFile(join(folder, 'n.ipynb'), 'utf8'));
}, 240_000);
