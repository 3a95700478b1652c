import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';

const COMPLAIN = new URL('complain.ts', import.meta.url).href;
const run = (code: string) =>
  spawnSync(process.execPath, ['--input-type=module', '-e', `import { complain } from '${COMPLAIN}';\n${code}`], {
    encoding: 'utf8',
  });

it('says who complains, on stderr alone', () => {
  expect(run("complain('it hurts'); console.log('on')")).toMatchObject({
    stdout: 'on\n',
    stderr: 'trialroom kernel: it hurts\n',
  });
});

it('is no reason to end where nobody can hear it', () => {
  const code = "import { closeSync } from 'node:fs'; closeSync(2); complain('it hurts'); console.log('on')";
  expect(run(code)).toMatchObject({ status: 0, stdout: 'on\n' });
});
