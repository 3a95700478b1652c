import { metadataOf } from '@trialroom/shared/notebook/document';
import { newNotebook } from '@trialroom/shared/notebook/format';
import { describe, expect, it } from 'vitest';
import { runNotebook } from './headless/headless.ts';
import { recordingSink } from './testing.ts';
import { useWorkspace } from './testing-workspace.ts';
import { ann, idle, type Workspace } from './workspace.ts';

describe('a notebook that asks for a tensor engine', () => {
  let work: Workspace;
  useWorkspace(
    async (opened) => {
      work = opened;
      work.sessions.pool.begin();
      await work.sessions.pool.warm();
    },
    { warmKernels: 1, warmPauseMs: 10 },
  );

  const ENGINE = "import * as tf from '@tensorflow/tfjs';\ntf.getBackend()";

  async function ask(id: string, backend: unknown): Promise<void> {
    const document = await work.documents.open(id);
    metadataOf(document.doc).set('trialroom', { backend });
    document.release();
  }

  it('gets it, and another one after the next start of its kernel', async () => {
    const id = await work.notebook('asks', { a: ENGINE });
    const mirror = await work.watch(id);
    await ask(id, 'cpu');
    await work.sessions.run(id, ['a'], ann);
    await idle(mirror);
    expect(mirror.text('a')).toBe("'cpu'");
    expect(mirror.session.backend).toMatchObject({ name: 'cpu', label: 'CPU · JavaScript' });
    await ask(id, 'wasm');
    await work.sessions.restart(id);
    await work.sessions.run(id, ['a'], ann);
    await idle(mirror);
    expect(mirror.text('a')).toBe("'wasm'");
  });

  it.each([
    ['tpu', /^Error: There is no backend "tpu": it can be tfjs-node-gpu, webgpu, .*cpu, or unset\. Choose another/],
    [7, /^Error: There is no backend "7": it can be /],
    ['tfjs-node-gpu', /^Error: The backend tfjs-node-gpu was asked for, which does not run here: /],
  ])('and names %j hears why not, and what there is', async (backend, said) => {
    const id = await work.notebook(`asks-${backend}`, { a: ENGINE, b: '1 + 1' });
    const mirror = await work.watch(id);
    await ask(id, backend);
    await work.sessions.run(id, ['a', 'b'], ann);
    await idle(mirror);
    expect(mirror.text('a')).toMatch(said);
    await work.sessions.run(id, ['b'], ann);
    await idle(mirror);
    expect(mirror.text('b')).toBe('2');
  });

  it.each([
    [undefined, "'cpu'"],
    ['wasm', "'wasm'"],
  ])('is obeyed without a server too, unless the run asks for another (%s)', async (backend, engine) => {
    const notebook = {
      ...newNotebook(),
      metadata: { trialroom: { backend: 'cpu' } },
      cells: [
        { id: 'a', cell_type: 'code' as const, source: ENGINE, metadata: {}, outputs: [], execution_count: null },
      ],
    };
    const origin = { notebook: null, by: null };
    const options = { params: {}, cwd: work.notebooksDir, trials: recordingSink(), origin };
    const { notebook: ran, end } = await runNotebook({ notebook, backend, ...options });
    expect(end).toBe('completed');
    expect(JSON.stringify(ran.cells[0])).toContain(engine);
  });
});
