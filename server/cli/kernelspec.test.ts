import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dataFolders, install, list, remove, type Surroundings, userDataFolder } from './kernelspec.ts';

let folder: string;
let around: Surroundings;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'trialroom-kernelspec-'));
  around = { env: { JUPYTER_DATA_DIR: join(folder, 'data') }, platform: process.platform, home: folder };
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the kernel spec', () => {
  it('starts a kernel: its command says what is wrong with a connection file that is not there', () => {
    const at = install({}, around);
    expect(at).toBe(join(folder, 'data', 'kernels', 'trialroom'));
    const spec: { argv: string[]; interrupt_mode: string; language: string } = JSON.parse(
      readFileSync(join(at, 'kernel.json'), 'utf8'),
    );
    expect(spec).toMatchObject({ interrupt_mode: 'message', language: 'typescript' });
    for (const logo of ['logo-svg.svg', 'logo-32x32.png', 'logo-64x64.png'])
      expect(existsSync(join(at, logo))).toBe(true);
    const [command = '', ...args] = spec.argv.map((part) =>
      part.replace('{connection_file}', join(folder, 'none.json')),
    );
    const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
    expect(status).toBe(78);
    expect(stderr).toContain('the connection file cannot be read');
  });

  it('is found and taken away again', () => {
    install({ prefix: join(folder, 'p'), name: 'ts' }, around);
    install({ user: true }, around);
    const more = [join(folder, 'p', 'share', 'jupyter')];
    expect(list(more, around).map(({ name, works }) => [name, works])).toEqual([
      ['ts', true],
      ['trialroom', true],
    ]);
    remove('ts', { prefix: join(folder, 'p') }, around);
    remove(undefined, {}, around);
    expect(list(more, around)).toEqual([]);
    expect(() => remove(undefined, { user: true }, around)).toThrow('there is no kernel "trialroom"');
  });

  it('touches no kernel of others', () => {
    const other = join(folder, 'data', 'kernels', 'python3');
    mkdirSync(other, { recursive: true });
    writeFileSync(join(other, 'kernel.json'), '{"display_name":"Python 3","argv":["python3"]}');
    expect(() => install({ name: 'python3' }, around)).toThrow('holds the kernel "Python 3"');
    expect(() => remove('python3', {}, around)).toThrow('is not Trialroom');
    expect(() => install({ name: '../x' }, around)).toThrow('cannot be the name');
    expect(list([], around)).toEqual([]);
  });

  it('refuses places that are none', () => {
    expect(() => install({ user: true, prefix: folder }, around)).toThrow('one of --user, --prefix');
    expect(() => install({ sysPrefix: true }, around)).toThrow('none is active');
    writeFileSync(join(folder, 'file'), '');
    expect(() => install({ prefix: join(folder, 'file') }, around)).toThrow('cannot be written');
  });
});

it('knows Jupyter’s folders on every platform', () => {
  const at = (platform: NodeJS.Platform, env: NodeJS.ProcessEnv): string =>
    userDataFolder({ platform, env, home: '/h' });
  expect(at('linux', {})).toBe(join('/h', '.local', 'share', 'jupyter'));
  expect(at('linux', { XDG_DATA_HOME: '/x' })).toBe(join('/x', 'jupyter'));
  expect(at('darwin', {})).toBe(join('/h', 'Library', 'Jupyter'));
  expect(at('win32', { APPDATA: '/a' })).toBe(join('/a', 'jupyter'));
  expect(at('darwin', { JUPYTER_DATA_DIR: '/d' })).toBe('/d');
  expect(dataFolders({ platform: 'linux', env: { VIRTUAL_ENV: '/v', JUPYTER_PATH: '/p' }, home: '/h' })).toEqual([
    '/p',
    join('/h', '.local', 'share', 'jupyter'),
    join('/v', 'share', 'jupyter'),
    '/usr/local/share/jupyter',
    '/usr/share/jupyter',
  ]);
});
