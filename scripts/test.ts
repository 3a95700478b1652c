/**
 * `npm test`: types, lint and import rules, unit and integration tests, the built client, and e2e in a real browser,
 * one after the other. Stops at the first step that fails and says which. `npm test -- e2e` runs one step.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const Report = z.object({ numPassedTests: z.number(), numFailedTests: z.number(), numPendingTests: z.number() });

const reports = await mkdtemp(join(tmpdir(), 'trialroom-tests-'));
const vitest = (name: string, ...args: string[]): string[] => [
  'vitest',
  'run',
  ...args,
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${join(reports, `${name}.json`)}`,
];

const STEPS: Record<string, string[][]> = {
  types: [
    ['tsc', '--noEmit', '-p', 'tsconfig.json'],
    ['tsc', '--noEmit', '-p', 'client/tsconfig.json'],
  ],
  lint: [['biome', 'check', '--error-on-warnings', '.']],
  unit: [vitest('unit')],
  build: [['npm', 'run', '-s', 'build']],
  e2e: [vitest('e2e', '--config', 'vitest.e2e.config.ts')],
};

const asked = process.argv.slice(2);
const unknown = asked.find((name) => !(name in STEPS));
if (unknown !== undefined) {
  console.error(`no step is called "${unknown}"; there are ${Object.keys(STEPS).join(', ')}`);
  process.exit(2);
}

let failed: string | undefined;
for (const [name, commands] of Object.entries(STEPS)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const began = performance.now();
  console.log(`\n── ${name}`);
  for (const [command = '', ...args] of commands) {
    const child = spawn(command, args, { cwd: ROOT, stdio: 'inherit', shell: process.platform === 'win32' });
    const [code] = await once(child, 'exit');
    if (code !== 0) failed = name;
    if (failed) break;
  }
  console.log(`── ${name}: ${failed ? 'failed' : 'passed'} in ${((performance.now() - began) / 1000).toFixed(1)} s`);
  if (failed) break;
}

const totals = { passed: 0, failed: 0, skipped: 0 };
for (const name of ['unit', 'e2e']) {
  const text = await readFile(join(reports, `${name}.json`), 'utf8').catch(() => undefined);
  if (text === undefined) continue;
  const report = Report.parse(JSON.parse(text));
  totals.passed += report.numPassedTests;
  totals.failed += report.numFailedTests;
  totals.skipped += report.numPendingTests;
}
await rm(reports, { recursive: true, force: true });
if (failed) console.error(`\nstep "${failed}" failed`);
console.log(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exit(failed ? 1 : 0);
