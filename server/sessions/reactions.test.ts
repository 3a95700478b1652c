import { metadataOf, setSource } from '@trialroom/shared/notebook/document';
import { describe, expect, it } from 'vitest';
import { useWorkspace } from './testing-workspace.ts';
import { ann, idle, type Workspace } from './workspace.ts';

describe('names of cells', () => {
  let work: Workspace;
  useWorkspace((opened) => {
    work = opened;
  });

  const chain = { a: 'let x = 1', b: 'let y = x * 10', c: 'y + 1', d: '"apart"' };

  it('mark cells that read what has been bound anew', async () => {
    const id = await work.notebook('marked', chain);
    const mirror = await work.watch(id);
    await work.sessions.run(id, ['a', 'b', 'c', 'd'], ann);
    await idle(mirror);
    expect(mirror.cell('b')?.names).toMatchObject({ defines: ['y'], uses: ['x'] });
    await work.sessions.run(id, ['a'], ann);
    await idle(mirror);
    expect(mirror.session.cells).toMatchObject({
      a: { validity: 'evaluated' },
      b: { validity: 'stale', outdatedBy: ['a'], count: 2 },
      c: { validity: 'evaluated' },
      d: { validity: 'evaluated' },
    });
  });

  it('run dependents again where the notebook asks for it, with the text they have now', async () => {
    const id = await work.notebook('reactive', { ...chain, e: 'throw new Error("no " + y)', f: 'x + 100' });
    const mirror = await work.watch(id);
    const { doc, release } = await work.documents.open(id);
    metadataOf(doc).set('trialroom', { reactive: true });
    for (const cell of ['f', 'a', 'b', 'c', 'd']) {
      await work.sessions.run(id, [cell], ann);
      await idle(mirror);
    }
    setSource(doc, 'a', 'let x = 2');
    await work.sessions.run(id, ['a'], ann);
    await idle(mirror);
    expect([mirror.text('c'), mirror.text('f')]).toEqual(['21', '102']);
    expect(mirror.session.cells).toMatchObject({
      b: { validity: 'evaluated' },
      c: { validity: 'evaluated' },
      f: { validity: 'evaluated' },
    });
    const counts = ['a', 'b', 'c', 'f'].map((cell) => mirror.cell(cell)?.count ?? 0);
    expect(counts).toEqual([...counts].sort((one, other) => one - other));
    expect(mirror.cell('d')?.count).toBeLessThan(counts[0] ?? 0);
    // An error ends the chain: what comes after it is not run, and stays marked.
    await work.sessions.run(id, ['e'], ann);
    await idle(mirror);
    await work.sessions.run(id, ['a'], ann);
    await idle(mirror);
    expect(mirror.session.cells).toMatchObject({
      e: { validity: 'failed' },
      f: { validity: 'stale', outdatedBy: ['a'] },
    });
    release();
  });
});
