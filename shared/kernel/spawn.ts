/**
 * How a kernel process is started and how its end is put into words, so that the server and the CLI do both alike.
 * It decides flags and sentences only; spawning, sockets and environments belong to whoever starts the kernel.
 */
import { EXIT_BAD_LINE, EXIT_BAD_START, EXIT_OUT_OF_MEMORY } from './limits.ts';

/** What {@link kernelCommand} needs to know. */
export interface KernelCommandOptions {
  /** Path (not URL) of `kernel/main.js`, e.g. `fileURLToPath(import.meta.resolve('trialroom/main'))`. */
  entry: string;
  /** Unix socket (or Windows named pipe) on which the parent already listens. */
  socket: string;
  /** Most memory (RSS) the process may use, in MB; absent: no limit but the machine's. */
  memoryMb?: number;
}

/** Flags and arguments of a kernel process. */
export interface KernelCommand {
  /** Flags of Node, V8 included. */
  execArgv: string[];
  /** The entry and its own arguments. */
  argv: string[];
  /** Both, in order: the arguments of `spawn(process.execPath, args, { cwd: notebookFolder, env })`. */
  args: string[];
}

/** Least `--memory` that a kernel can start with, in MB. */
export const LEAST_MEMORY_MB = 160;

/**
 * The command line of a kernel. Spawn it with the notebook's folder as `cwd`, stdin ignored and stderr kept: its last
 * lines explain a sudden end together with {@link explainExit}.
 * @throws RangeError when `memoryMb` is below {@link LEAST_MEMORY_MB}
 */
export function kernelCommand({ entry, socket, memoryMb }: KernelCommandOptions): KernelCommand {
  if (memoryMb !== undefined && !(memoryMb >= LEAST_MEMORY_MB)) {
    throw new RangeError(`a kernel needs at least ${LEAST_MEMORY_MB} MB of memory; the limit given is ${memoryMb} MB`);
  }
  const execArgv = [
    // Without it, a cell stopped inside a timer takes the process with it.
    '--no-force-async-hooks-checks',
    '--no-warnings',
    // Imports in cells are resolved from the notebook's folder, not from the kernel's.
    '--experimental-import-meta-resolve',
  ];
  // Room is left for what lives outside V8's heap, so that V8 collects hard before the limit is met.
  if (memoryMb !== undefined) execArgv.push(`--max-old-space-size=${Math.max(64, Math.floor(memoryMb * 0.8))}`);
  const argv = [entry, '--socket', socket];
  if (memoryMb !== undefined) argv.push('--memory', String(memoryMb));
  return { execArgv, argv, args: [...execArgv, ...argv] };
}

/** How a kernel process ended, as Node's `exit` event tells it. */
export interface KernelExit {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** The limit it ran under, in MB. */
  memoryMb?: number;
  /** The last lines of its stderr. */
  stderr?: string;
}

/** Puts the end of a kernel into a sentence for the person whose notebook it was. */
export function explainExit({ code, signal, memoryMb, stderr = '' }: KernelExit): string {
  const limit = memoryMb === undefined ? '' : ` of ${memoryMb} MB`;
  const kept = 'Its variables are lost; outputs and the notebook are kept. Restart it and use less at once.';
  if (code === EXIT_OUT_OF_MEMORY || stderr.includes(OUT_OF_MEMORY_MARK)) {
    return `The kernel ran out of memory: it went over its limit${limit}. ${kept}`;
  }
  if ((signal === 'SIGABRT' || code === 134) && /heap out of memory|heap limit/i.test(stderr)) {
    return `The kernel ran out of memory: JavaScript objects filled its heap${limit && ` (limit${limit})`}. ${kept}`;
  }
  if (code === EXIT_BAD_START) return `The kernel could not start. ${lastLine(stderr)}`.trim();
  if (code === EXIT_BAD_LINE)
    return `The kernel was sent something that it cannot read, and ended. ${lastLine(stderr)}`.trim();
  if (signal === 'SIGKILL' || code === 137) {
    return `The kernel was killed from outside (SIGKILL), often because the machine ran out of memory. ${kept}`;
  }
  // V8 gives up where something is asked for that no memory would be enough for.
  const fatal = /^# (Fatal JavaScript invalid size error \d+)/m.exec(stderr)?.[1];
  if (signal === 'SIGTRAP' && fatal) {
    return `The kernel was ended by V8: ${fatal}. Something bigger was asked for than there can be, an array of too many elements for example. ${kept}`;
  }
  if (signal !== null) return `The kernel was ended by ${signal}. ${lastLine(stderr)}`.trim();
  if (code === 0) return 'The kernel ended.';
  return `The kernel ended unexpectedly with exit code ${code}. ${lastLine(stderr)}`.trim();
}

/** Begins the line that a kernel writes to stderr before it ends for want of memory. */
export const OUT_OF_MEMORY_MARK = 'trialroom kernel: out of memory';

/** Node says this of our own inspector, which is nobody's debugger. */
const REMARK = /^Waiting for the debugger to disconnect/;

const lastLine = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.trim())
    .findLast((line) => line !== '' && !REMARK.test(line)) ?? '';
