import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newNotebook } from '@trialroom/shared/notebook/format';
import { describe, expect, it } from 'vitest';
import { Refusal } from '../http/refusal.ts';
import { failure } from './failure.ts';
import {
  encodedParameters,
  joined,
  parameter,
  parametersFrom,
  parametersIn,
  rawParameter,
  unknownParameters,
} from './parameters.ts';

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

describe('parameters as papermill takes them', () => {
  it('are a name and a value, and the words of another language are understood', () => {
    const words = ['run', 'in.ipynb', 'out.ipynb', '-p', 'rate', '.5', '--parameters', 'on', 'True', '-p', 'x=1', '-r'];
    expect(joined([...words, 'version', '1', '-p', 'note', '-3', '--quiet'])).toEqual([
      ...['run', 'in.ipynb', 'out.ipynb', '-p', 'rate=.5', '-p', 'on=true', '-p', 'x=1', '-r', 'version=1'],
      ...['-p', 'note=-3', '--quiet'],
    ]);
    expect(joined(['-p', 'kind', 'constructor', '-p', 'toString=1', '__proto__'])).toEqual([
      ...['-p', 'kind=constructor', '-p', 'toString=1', '__proto__'],
    ]);
    expect(joined(['run', 'a.ipynb', '-p'])).toEqual(['run', 'a.ipynb', '-p']);
    expect(parameter('rate=.5', parameter('n=+3', parameter('m=1.', parameter('v=1.2.3'))))).toEqual({
      ...{ rate: 0.5, n: 3, m: 1, v: '1.2.3' },
    });
    expect(rawParameter('version=1')).toEqual({ version: '1' });
  });
});

describe('flags by papermill’s names', () => {
  it('are those of ours', () => {
    const words = [
      '--parameters_file',
      'p.yaml',
      '--execution-timeout=60',
      '--start_timeout',
      '5',
      '--not-report-mode',
    ];
    expect(joined(['run', 'in.ipynb', ...words, '--progress-bar', '--prepare-execute', '-y', 'a: 1'])).toEqual([
      ...['run', 'in.ipynb', '--params-file', 'p.yaml', '--cell-timeout=60', '--start-timeout', '5'],
      ...['--no-report-mode', '-y', 'a: 1'],
    ]);
  });

  it('hold parameters as they stand, or in base64', () => {
    expect(parametersIn('rate: 0.5\nlayers: [1, 2]', '-y')).toEqual({ rate: 0.5, layers: [1, 2] });
    expect(encodedParameters(Buffer.from('word: "é"').toString('base64'))).toEqual({ word: 'é' });
    expect(() => encodedParameters('not base64!')).toThrow(/no base64/);
    expect(() => parametersIn('[1', '--parameters_yaml')).toThrow(/--parameters_yaml is neither/);
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
