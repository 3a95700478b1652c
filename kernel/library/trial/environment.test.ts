import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TrialEnvironment } from '@trialroom/shared/trial/environment';
import { afterEach, expect, test } from 'vitest';
import { seed } from '../seed.ts';
import { aboutRun, environmentOf, scriptOf } from './environment.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});
const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), 'trialroom-environment-'));
  folders.push(made);
  return made;
};

test('a plain folder has the machine, and the packages that every notebook can count on', async () => {
  const found = TrialEnvironment.parse(await environmentOf(folder(), null));
  expect(found).toMatchObject({ node: process.versions.node, lockHash: null, git: null, gpu: null, backend: null });
  expect(found.cores).toBeGreaterThan(0);
  expect(Object.keys(found.packages)).toEqual(expect.arrayContaining(['trialroom', '@tensorflow/tfjs']));
});

test('a project has its own packages as they are installed, its lock and its commit', async () => {
  const root = folder();
  const notebooks = join(root, 'notebooks', 'deep');
  mkdirSync(notebooks, { recursive: true });
  mkdirSync(join(root, 'node_modules', 'left', ''), { recursive: true });
  writeFileSync(join(root, 'package.json'), '{ "dependencies": { "left": "^1.0.0", "gone": "1.0.0" } }');
  writeFileSync(join(root, 'node_modules', 'left', 'package.json'), '{ "version": "1.2.3" }');
  writeFileSync(join(root, 'package-lock.json'), '{}');
  const git = (...words: string[]): string => execFileSync('git', words, { cwd: root, encoding: 'utf8' }).trim();
  git('init', '-q', '-b', 'work');
  git('add', 'package.json', 'package-lock.json');
  git('-c', 'user.name=Ada', '-c', 'user.email=ada@example.org', 'commit', '-q', '-m', 'first');
  const clean = await environmentOf(notebooks, { label: 'GPU · NVIDIA RTX 4090' });
  expect(clean.packages).toMatchObject({ left: '1.2.3' });
  expect(clean.packages).not.toHaveProperty('gone');
  expect(clean.lockHash).toBe(createHash('sha256').update('{}').digest('hex'));
  expect(clean.git).toEqual({ commit: git('rev-parse', 'HEAD'), branch: 'work', dirty: false });
  expect(clean).toMatchObject({ gpu: 'NVIDIA RTX 4090', backend: 'GPU · NVIDIA RTX 4090' });
  writeFileSync(join(root, 'package.json'), '{}');
  // Known by now: what is asked a second time costs nothing, but for seed and engine.
  expect((await environmentOf(notebooks, { label: 'CPU · wasm' })).git?.dirty).toBe(false);
  expect((await environmentOf(notebooks, { label: 'CPU · wasm' })).gpu).toBeNull();
  expect((await environmentOf(root, null)).git?.dirty).toBe(true);
});

test('the seed is the one in use when the trial is opened', async () => {
  const random = Math.random;
  try {
    seed(42);
    expect((await aboutRun(true)).environment?.seed).toBe(42);
    seed(7);
    expect((await aboutRun(true)).environment?.seed).toBe(7);
  } finally {
    Math.random = random;
  }
});

test('a program says its entry file, a cell does not', async () => {
  const entry = join(folder(), 'train.ts');
  writeFileSync(entry, 'console.log(1);\n');
  expect(await scriptOf(entry)).toEqual({ name: 'train.ts', source: 'console.log(1);\n' });
  expect(await scriptOf(join(entry, 'nowhere'))).toBeUndefined();
  expect(await scriptOf(undefined)).toBeUndefined();
  expect(await aboutRun(true)).not.toHaveProperty('script');
});
