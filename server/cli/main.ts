/** The command line: one entry, a file for each command, loaded only when it is asked for. */
import { readFileSync } from 'node:fs';
import { BACKENDS } from '@trialroom/shared/kernel/backends';
import { Command, InvalidArgumentError, Option } from 'commander';
import { failure } from './failure.ts';
import { joined, parameter, rawParameter } from './parameters.ts';

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

function seconds(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('a time limit is a number of seconds over 0');
  return value;
}

/** Of an option that may be given more than once. */
const several = (value: string, before: string[] = []): string[] => [...before, value];

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
    .description('run a notebook from top to bottom, with parameters; it needs no server')
    .argument('<notebook>', 'the .ipynb file; - reads it from the standard input')
    .argument('[output]', 'write the executed notebook here, also when a cell fails; may be the notebook itself, or -')
    .option('-p, --param <name=value>', 'override a parameter; may be repeated', parameter)
    .option('-r, --param-raw <name=value>', 'the same, with the value as text whatever it looks like', rawParameter)
    .option(
      '-f, --params-file <file>',
      'parameters in a JSON or YAML file; may be repeated; --param wins over it',
      several,
    )
    .option('-y, --parameters_yaml <text>', 'parameters as YAML or JSON; may be repeated; wins over files', several)
    .option('-b, --parameters_base64 <text>', 'the same in base64; may be repeated; files win over it', several)
    .option('--inject-input-path', 'give the path of the notebook as the parameter PAPERMILL_INPUT_PATH')
    .option('--inject-output-path', 'give the path of the result as the parameter PAPERMILL_OUTPUT_PATH')
    .option('--inject-paths', 'give both')
    .option('--prepare-only', 'write the notebook with its parameters, and run nothing')
    .option('-o, --out <file>', 'the same as the second argument')
    .option('--cwd <folder>', 'where cells run (default: the folder of the notebook)')
    .option('--cell-timeout <seconds>', 'longest time of one cell; a cell over it fails (--execution-timeout)', seconds)
    .option('--start-timeout <seconds>', 'longest time that the kernel may take to start (default: none)', seconds)
    .option('--memory <megabytes>', 'memory limit of the kernel', Number)
    .addOption(
      new Option(
        '--backend <name>',
        'tensor engine (TRIALROOM_BACKEND; default: the notebook’s own choice, or the best)',
      ).choices(BACKENDS),
    )
    .option('--report-mode', 'hide the sources of the cells in the result')
    .addOption(new Option('--no-report-mode').hideHelp())
    .option('--log-output', 'print what the cells print')
    .addOption(new Option('--no-log-output').hideHelp())
    .option('--stdout-file <file>', 'write what the cells print into this file')
    .option('--stderr-file <file>', 'the same for what they print as errors')
    .option('--no-progress-bar', 'draw no progress of cells and trials')
    .option('--url <address>', 'tell this server of its trials (TRIALROOM_URL; default: none)')
    .option('--token <token>', 'a token that may run there (TRIALROOM_TOKEN)')
    .option('--quiet', 'print nothing but errors')
    .action(async (notebook: string, output: string | undefined, options) =>
      (await import('./run.ts')).run(notebook, { ...options, out: options.out ?? output }),
    );

  program
    .command('doctor')
    .description('say what is installed, what is chosen, and how to get what is missing')
    .action(async () => (await import('./doctor.ts')).doctor());

  const kernelspec = program
    .command('kernelspec')
    .description('let Jupyter, VS Code, nbclient and papermill run TypeScript with this kernel');
  kernelspec
    .command('install')
    .description('add the kernel to Jupyter; for this user, unless told otherwise')
    .option('--user', 'in the folder of this user')
    .option('--prefix <folder>', 'in <folder>/share/jupyter')
    .option('--sys-prefix', 'in the active Python environment')
    .option('--name <name>', 'what tools call it (default trialroom)')
    .option('--display-name <text>', 'what people read (default "TypeScript (Trialroom)")')
    .option('--memory <megabytes>', 'memory limit of each kernel', Number)
    .action(async (options) => (await import('./kernelspec.ts')).installCommand(options));
  kernelspec
    .command('list')
    .description('say where the kernel is installed')
    .option('--prefix <folder>', 'look in <folder>/share/jupyter too')
    .action(async (options) => (await import('./kernelspec.ts')).listCommand(options));
  kernelspec
    .command('remove')
    .description('take the kernel away from Jupyter')
    .argument('[name]', 'what tools call it (default trialroom)')
    .option('--user', 'from the folder of this user')
    .option('--prefix <folder>', 'from <folder>/share/jupyter')
    .option('--sys-prefix', 'from the active Python environment')
    .action(async (name: string | undefined, options) =>
      (await import('./kernelspec.ts')).removeCommand(name, options),
    );

  program
    .command('import')
    .description('make trials of what TensorBoard (event files) or other tools (CSV, JSON, JSON lines) recorded')
    .argument('<path>', 'a file, or a folder: each folder with event files is a run')
    .option('--experiment <name>', 'the experiment that they belong to (default: the name of the path)')
    .option('--url <address>', 'the server (TRIALROOM_URL; default http://127.0.0.1:8700)')
    .option('--token <token>', 'a token that may run (TRIALROOM_TOKEN)')
    .option('--again', 'make a copy of what was imported before')
    .action(async (path: string, options) => (await import('./import.ts')).importCommand(path, options));

  program
    .command('sync')
    .description('deliver trials that scripts kept on this disk, because their server was away or they were offline')
    .argument('[folder]', 'where they are kept (TRIALROOM_SPOOL; default trialroom-spool)')
    .option('--url <address>', 'the server (TRIALROOM_URL; default: the one the script was told of)')
    .option('--token <token>', 'a token that may run (TRIALROOM_TOKEN)')
    .option('--keep', 'leave on the disk what was delivered')
    .option('--force', 'also what a living process is writing')
    .action(async (folder: string | undefined, options) => (await import('./sync.ts')).sync(folder, options));

  program
    .command('worker')
    .description('take launched trials from the queue (needs DATABASE_URL and REDIS_URL)')
    .option('--data <folder>', 'where this worker keeps its files (TRIALROOM_DATA; default .trialroom)')
    .option('--notebooks <folder>', 'the notebooks folder (TRIALROOM_NOTEBOOKS; default notebooks)')
    .option('--check', 'exit 0 when the worker over this data folder is alive, 1 when not')
    .action(async (options) => (await import('./worker.ts')).worker(options));

  try {
    await program.parseAsync(args[0] === 'run' ? joined(args) : [...args], { from: 'user' });
  } catch (error) {
    console.error(failure(error));
    process.exitCode = 1;
    // A failed start may leave sockets or workers behind that would keep the process alive.
    setTimeout(() => process.exit(1), 2000).unref();
  }
}
