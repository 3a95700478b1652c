import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newNotebook } from '@trialroom/shared/notebook/format';
import { describe, expect, it } from 'vitest';
import { Refusal } from '../http/refusal.ts';
import { failure } from './failure.ts';
import { parameter, parametersFrom, unknownParameters } from './parameters.ts';

describe('parameter', () => {
  it('reads JSON values, and everything else as text', () => {
    let params = parameter('epochs=3');
    params = parameter('optimizer=adam', params);
    params = parameter('layers=[8,16]', params);
    params = parameter('note=a=b', params);
    expect(params).toEqual({ epochs: 3, optimizer: 'adam', layers: [8, 16], note: 'a=b' });
  });
  it.each(['epochs', '=3', 'not a name=1', '1x=2'])('refuses %s', (text) => {
    expect(() => parameter(text)).toThrow();
  });
});

describe('failure', () => {
  it('says what, where and what to do', () => {
    const refusal = new Refusal(409, {
      error: 'x',
      message: 'port 8700 is in use',
      where: '127.0.0.1:8700',
      fix: 'try --port 8701',
    });
    expect(failure(refusal)).toBe(
      'trialroom: port 8700 is in use\n  where: 127.0.0.1:8700\n  what to do: try --port 8701',
    );
  });
  it('keeps stacks for those who debug', () => {
    expect(failure(new Error('no'))).toBe('trialroom: no');
  });
});

describe('parametersFrom', () => {
  const file = async (text: string): Promise<string> => {
    const path = join(await mkdtemp(join(tmpdir(), 'trialroom-params-')), 'p.yaml');
    await writeFile(path, text);
    return path;
  };
  it('reads YAML and JSON', async () => {
    expect(await parametersFrom(await file('epochs: 3\nlayers: [8, 16]\nrate: 1e-3\n'))).toEqual({
      epochs: 3,
      layers: [8, 16],
      rate: 0.001,
    });
    expect(await parametersFrom(await file('{"word": "one", "deep": {"a": null}}'))).toEqual({
      word: 'one',
      deep: { a: null },
    });
    expect(await parametersFrom(await file(''))).toEqual({});
  });
  it.each([
    ['- 1\n- 2', /holds a list/],
    ['just words', /holds string/],
    ['a: [1', /neither JSON nor YAML/],
    ['"not a name": 1', /cannot be a variable/],
  ])('refuses %j', async (text, message) => {
    await expect(parametersFrom(await file(text))).rejects.toThrow(message);
  });
  it('names a file that is not there', async () => {
    await expect(parametersFrom('/nowhere/p.yaml')).rejects.toThrow(/there is no \/nowhere\/p.yaml/);
  });
});

describe('unknownParameters', () => {
  const cell = (source: string, tags: string[]) => ({
    ...newNotebook(),
    cells: [{ id: 'a', cell_type: 'code' as const, source, metadata: { tags }, outputs: [], execution_count: null }],
  });
  it('finds names that the tagged cell does not hold', () => {
    const notebook = cell('const epochs = 3; let $rate = 1;', ['parameters']);
    expect(unknownParameters(notebook, { epochs: 1, $rate: 2, epoch: 3, rate: 4 })).toEqual(['epoch', 'rate']);
  });
  it('knows nothing where nothing is tagged', () => {
    expect(unknownParameters(cell('', []), { anything: 1 })).toEqual([]);
  });
});
