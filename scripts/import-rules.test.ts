/** The import rules of `biome.json` are only worth something if a wrong import is refused: each rule is tried on a wrong and a right one. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'trialroom-rules-'));
  copyFileSync(join(ROOT, 'biome.json'), join(folder, 'biome.json'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Lints one file that imports `specifier` and returns what was refused. */
function lint(file: string, specifier: string): string {
  const path = join(folder, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `import { x } from '${specifier}';\n\nconsole.log(x);\n`);
  try {
    execFileSync(join(ROOT, 'node_modules/.bin/biome'), ['lint', '--vcs-enabled=false', path], {
      cwd: folder,
      encoding: 'utf8',
      stdio: 'pipe',
      shell: process.platform === 'win32',
    });
    return '';
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    return stdout + stderr;
  } finally {
    rmSync(path);
  }
}

describe('import rules', () => {
  it.each([
    ['shared/trial/x.ts', '@trialroom/server/app'],
    ['client/home/x.ts', 'trialroom'],
    ['client/home/x.ts', '../../server/app.ts'],
    ['kernel/cell/x.ts', '../../server/app.ts'],
    ['kernel/cell/x.ts', '@trialroom/client/main'],
    ['server/sessions/x.ts', 'trialroom/main'],
    ['server/sessions/x.ts', '../../kernel/startup/main.ts'],
    ['server/database/x.ts', '../trials/trials.ts'],
    ['server/notebooks/x.ts', '../documents/documents.ts'],
    ['server/documents/x.ts', '../sessions/session.ts'],
    ['server/trials/x.ts', '../sessions/session.ts'],
    ['server/sessions/x.ts', '../launches/launches.ts'],
    ['server/sessions/x.ts', '../jupyter/jupyter.ts'],
    ['server/jupyter/x.ts', '../launches/launches.ts'],
    ['server/jupyter/channels/x.ts', '../../trials/trials.ts'],
  ])('%s may not import %s', (file, specifier) => {
    expect(lint(file, specifier)).toContain('noRestrictedImports');
  });

  it.each([
    ['client/home/x.ts', '@trialroom/shared/kernel/protocol'],
    ['kernel/cell/x.ts', '@trialroom/shared/kernel/protocol'],
    ['server/database/x.ts', '../notebooks/entities.ts'],
    ['server/sessions/x.ts', '../trials/sink.ts'],
    ['server/documents/x.ts', '../notebooks/files.ts'],
  ])('%s may import %s', (file, specifier) => {
    expect(lint(file, specifier)).toBe('');
  });
});
