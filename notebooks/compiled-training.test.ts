import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseNotebook, serialiseNotebook, withoutOutputs } from '@trialroom/shared/notebook/format';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Played, play } from './play.ts';

const text = await readFile(join(import.meta.dirname, 'compiled-training.ipynb'), 'utf8');
const notebook = parseNotebook(text);

it('is written as it would be saved, and holds no outputs', () => {
  expect(serialiseNotebook(withoutOutputs(notebook))).toBe(text);
});

describe('played', () => {
  let played: Played;
  beforeAll(async () => {
    played = await play(notebook, { rounds: 5, batchSize: 32 });
  });

  const printed = (cell: string): string =>
    (played.outputs.get(cell) ?? []).map((output) => (output.type === 'stream' ? output.text : '')).join('');

  it('runs compiled where the engine can, and says so', () => {
    const engine = played.backend === 'compiled' ? 'compiled' : 'eager';
    expect(printed('result')).toContain(`engine: ${engine}`);
    expect(printed('gradient')).toContain(`${engine}: y = 3.000 x + 2.000`);
  });

  it('shows that the losses are the same', () => {
    const apart = Number(/at most (\S+) apart/.exec(printed('same'))?.[1]);
    expect(apart).toBeGreaterThanOrEqual(0);
    expect(apart).toBeLessThan(1e-4);
  });

  it('names what cannot be compiled, and its line', () => {
    expect(printed('limits')).toMatch(/^eager: .+/m);
    if (played.backend === 'compiled') expect(printed('limits')).toMatch(/dataSync.*:8:\d+/);
  });

  it('gives a file for other runtimes', () => {
    expect(printed('export')).toBe('0.94 MB of ONNX\n');
  });

  it('complains of nothing else', () => {
    for (const [cell, outputs] of played.outputs) {
      if (cell === 'limits') continue;
      expect(outputs.filter((output) => output.type === 'stream' && output.name === 'stderr')).toEqual([]);
    }
  });
});
