import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseNotebook, serialiseNotebook, withoutOutputs } from '@trialroom/shared/notebook/format';
import { MIME } from '@trialroom/shared/notebook/outputs';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Played, play } from './play.ts';

const text = await readFile(join(import.meta.dirname, 'digits.ipynb'), 'utf8');
const notebook = parseNotebook(text);

describe('the file', () => {
  it('is written as it would be saved, and holds no outputs', () => {
    expect(serialiseNotebook(withoutOutputs(notebook))).toBe(text);
  });

  it('is for our kernel, with names for its cells and one cell of parameters', () => {
    expect(notebook.nbformat_minor).toBe(5);
    expect(notebook.metadata).toMatchObject({
      kernelspec: { name: 'trialroom', display_name: 'TypeScript (Trialroom)', language: 'typescript' },
      language_info: { name: 'typescript' },
    });
    const ids = notebook.cells.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const tagged = notebook.cells.filter(({ metadata }) => JSON.stringify(metadata.tags) === '["parameters"]');
    expect(tagged.map(({ id }) => id)).toEqual(['parameters']);
  });
});

describe('played on 2,000 images', () => {
  let played: Played;
  beforeAll(async () => {
    played = await play(notebook, { trainImages: 2000, epochs: 1, batchSize: 64 });
  });

  it('learns', () => {
    expect(played.summary.testAccuracy).toBeGreaterThan(0.6);
    expect(played.summary.testAccuracy).toBeLessThanOrEqual(1);
    const loss = played.metrics.get('loss')?.values ?? [];
    expect(loss.at(-1)).toBeLessThan(loss[0] ?? 0);
  });

  it('reports every batch, what was held back, and its parameters, as a trial that completes', () => {
    // 2 % of 2,000 are held back: 1,960 in batches of 64.
    const steps = Array.from({ length: 31 }, (_, index) => index + 1);
    expect(played.metrics.get('loss')?.steps).toEqual(steps);
    expect(played.metrics.get('accuracy')?.steps).toEqual(steps);
    expect(played.metrics.get('val_accuracy')?.steps).toEqual([31]);
    expect(played.trial?.params).toEqual({
      epochs: 1,
      batchSize: 64,
      learningRate: 0.003,
      trainImages: 2000,
      randomSeed: 42,
    });
    expect(played.end).toBe('completed');
  });

  it('shows what it promises under its cells, and complains of nothing', () => {
    const types = (cell: string): string[] =>
      (played.outputs.get(cell) ?? []).flatMap((output) => (output.type === 'display' ? Object.keys(output.data) : []));
    expect(types('load')).toContain('image/svg+xml');
    expect(types('training')).toContain(MIME.trial);
    expect(types('confusion')).toContain('image/svg+xml');
    expect(types('worst')).toContain('image/svg+xml');
    const printed = (cell: string): string =>
      (played.outputs.get(cell) ?? []).map((output) => (output.type === 'stream' ? output.text : '')).join('');
    expect(printed('exam')).toMatch(/^\d\d\.\d\d % of 10,000 digits read rightly\n$/);
    const streams = [...played.outputs.values()].flat().filter((output) => output.type === 'stream');
    expect(streams.filter(({ name }) => name === 'stderr')).toEqual([]);
  });

  it('gives the same figures when played again', async () => {
    const again = await play(notebook, { trainImages: 2000, epochs: 1, batchSize: 64 });
    expect(again.backend).toBe(played.backend);
    expect(again.metrics).toEqual(played.metrics);
    expect(again.summary).toEqual(played.summary);
  });
});
