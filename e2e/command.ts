/** Runs the command line to its end and keeps what it said. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

interface CommandOptions {
  cwd?: string;
  env?: Record<string, string | undefined>;
  /** What stands on its standard input. */
  input?: string;
}

/** Starts `trialroom ...args`, with no database or Redis of the environment unless `env` gives them. */
export function startTrialroom(args: string[], { cwd = ROOT, env, input = '' }: CommandOptions = {}) {
  const child = spawn(process.execPath, [join(ROOT, 'server/bin/trialroom.js'), ...args], {
    cwd,
    env: { ...process.env, DATABASE_URL: undefined, REDIS_URL: undefined, ...env },
    stdio: 'pipe',
  });
  child.stdin.end(input);
  return child;
}

/** Runs `trialroom ...args` to its end. */
export async function trialroom(args: string[], options: CommandOptions = {}): Promise<Finished> {
  const child = startTrialroom(args, options);
  const finished: Finished = { code: null, stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    finished.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    finished.stderr += text;
  });
  [finished.code] = (await once(child, 'close')) as [number | null];
  return finished;
}
