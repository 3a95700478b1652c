/** The command line: one entry, a file for each command, loaded only when it is asked for. */
import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { failure } from './failure.ts';

/** Version of the product, from its package file. */
export const VERSION: string = (
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
).version;

function port(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65_535) {
    throw new InvalidArgumentError('a port is a whole number from 0 (any free one) to 65535');
  }
  return value;
}

/** `k=v` with v as JSON where it parses, else as text: `--param epochs=3 --param optimizer=adam`. */
export function parameter(text: string, before: Record<string, unknown> = {}): Record<string, unknown> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('a parameter looks like name=value');
  const name = text.slice(0, at);
  if (!/^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(name))
    throw new InvalidArgumentError(`"${name}" cannot be a variable's name`);
  const value = text.slice(at + 1);
  try {
    return { ...before, [name]: JSON.parse(value) as unknown };
  } catch {
    return { ...before, [name]: value };
  }
}

/** Runs the command line. Sets the exit code; a failure prints what was wrong and what to do. */
export async function main(args: readonly string[]): Promise<void> {
  const program = new Command('trialroom')
    .description('Notebooks and live training rooms for teams who train models in TypeScript')
    .version(VERSION)
    .showHelpAfterError();

  program
    .command('start', { isDefault: true })
    .description('start the server')
    .option('--port <number>', 'port to listen on, 0 for any free one (PORT; default 8700)', port)
    .option('--host <address>', 'address to listen on (HOST; default 127.0.0.1)')
    .option('--data <folder>', 'where data is kept (TRIALROOM_DATA; default .trialroom)')
    .option('--notebooks <folder>', 'the notebooks folder (TRIALROOM_NOTEBOOKS; default notebooks)')
    .option('--demo', 'run the tour: train a digit classifier on MNIST')
    .action(async (options) => (await import('./start.ts')).start(options));

  program
    .command('run')
    .description('run a notebook without a server')
    .argument('<notebook>', 'the .ipynb file')
    .option('--param <name=value>', 'override a parameter; may be repeated', parameter)
    .option('--out <file>', 'write the executed notebook here')
    .option('--memory <megabytes>', 'memory limit of the kernel', Number)
    .action(async (notebook: string, options) => (await import('./run.ts')).run(notebook, options));

  program
    .command('doctor')
    .description('say what is installed, what is chosen, and how to get what is missing')
    .action(async () => (await import('./doctor.ts')).doctor());

  program
    .command('worker')
    .description('take launched trials from the queue (needs DATABASE_URL and REDIS_URL)')
    .option('--data <folder>', 'where this worker keeps its files (TRIALROOM_DATA; default .trialroom)')
    .option('--notebooks <folder>', 'the notebooks folder (TRIALROOM_NOTEBOOKS; default notebooks)')
    .option('--check', 'exit 0 when the worker over this data folder is alive, 1 when not')
    .action(async (options) => (await import('./worker.ts')).worker(options));

  try {
    await program.parseAsync([...args], { from: 'user' });
  } catch (error) {
    console.error(failure(error));
    process.exitCode = 1;
    // A failed start may leave sockets or workers behind that would keep the process alive.
    setTimeout(() => process.exit(1), 2000).unref();
  }
}
