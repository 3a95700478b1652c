/**
 * What the process and its machine use, as figures by metric key. Read on the supervisor's thread from what the system
 * keeps anyway; what a system does not tell is left out.
 */
import type { ChildProcess } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { freemem, loadavg, totalmem } from 'node:os';
import { delimiter, join } from 'node:path';

/** Where figures come from; tests give others. */
export interface SampleSources {
  /** Content of a file under `/proc`; null where there is none. */
  read(path: string): string | null;
  /** CPU time of the process so far, in microseconds. */
  cpu(): number;
  rss(): number;
  memory(): { free: number; total: number };
  load(): number;
}

const SYSTEM: SampleSources = {
  read: (path) => {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      return null;
    }
  },
  cpu: () => {
    const { user, system } = process.cpuUsage();
    return user + system;
  },
  rss: () => process.memoryUsage.rss(),
  memory: () => ({ free: freemem(), total: totalmem() }),
  load: () => loadavg()[0] ?? 0,
};

/** Sums that only grow, and what a second of each is called. */
interface Sums {
  at: number;
  cpu: number;
  bytes: Readonly<Record<string, number>>;
}

/** Takes figures of the process and its machine; what is told by the second is told from the second call on. */
export class Sampler {
  readonly #sources: SampleSources;
  #before: Sums | undefined;

  constructor(sources: SampleSources = SYSTEM) {
    this.#sources = sources;
  }

  /**
   * Figures at `now` (ms of a clock that only goes forward): `system/cpu` in percent of one core, memory in bytes,
   * `system/disk_…` of the process and `system/network_…` of the machine in bytes a second since the last call.
   */
  take(now: number): Record<string, number> {
    const { read, cpu, rss, memory, load } = this.#sources;
    const { free, total } = memory();
    const figures: Record<string, number> = {
      'system/memory': rss(),
      'system/machine_memory': total - free,
      'system/load': load(),
    };
    const sums = {
      at: now,
      cpu: cpu(),
      bytes: { ...diskOf(read('/proc/self/io')), ...networkOf(read('/proc/net/dev')) },
    };
    const before = this.#before;
    this.#before = sums;
    const seconds = before ? (now - before.at) / 1000 : 0;
    if (!before || seconds <= 0) return figures;
    figures['system/cpu'] = (sums.cpu - before.cpu) / 10_000 / seconds;
    for (const [key, value] of Object.entries(sums.bytes)) {
      const last = before.bytes[key];
      // A counter that began anew says nothing.
      if (last !== undefined && value >= last) figures[key] = (value - last) / seconds;
    }
    return figures;
  }
}

/** `/proc/self/io`: bytes that the process had read from and written to the disk. */
function diskOf(text: string | null): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const [, name, value] of (text ?? '').matchAll(/^(read|write)_bytes: (\d+)$/gm)) {
    sums[`system/disk_${name}`] = Number(value);
  }
  return sums;
}

/** `/proc/net/dev`: bytes in and out of all interfaces but the machine's own. */
function networkOf(text: string | null): Record<string, number> {
  if (text === null) return {};
  let [received, sent] = [0, 0];
  for (const line of text.split('\n').slice(2)) {
    const [name = '', figures] = line.split(':');
    if (figures === undefined || name.trim() === 'lo') continue;
    const columns = figures.trim().split(/\s+/).map(Number);
    received += columns[0] ?? 0;
    sent += columns[8] ?? 0;
  }
  return { 'system/network_in': received, 'system/network_out': sent };
}

/** What is asked of nvidia-smi, and the metric each becomes: percent, bytes, watts, degrees Celsius. */
const ASKED = [
  ['utilization.gpu', 'utilisation', 1],
  ['memory.used', 'memory', 1024 * 1024],
  ['power.draw', 'power', 1],
  ['temperature.gpu', 'temperature', 1],
] as const;

/** One line of nvidia-smi: the number of the card, and what was asked; what it does not know it calls `[N/A]`. */
export function gpuFigures(line: string): Record<string, number> {
  const [card = '', ...values] = line.split(',').map((part) => part.trim());
  const figures: Record<string, number> = {};
  if (!/^\d+$/.test(card)) return figures;
  for (const [at, [, name, scale]] of ASKED.entries()) {
    const text = values[at] ?? '';
    if (/^\d+(\.\d+)?$/.test(text)) figures[`system/gpu/${card}/${name}`] = Number(text) * scale;
  }
  return figures;
}

/**
 * Graphics cards, by one nvidia-smi that runs along and is asked for nothing again; where it is not installed nothing is
 * started.
 * @param every seconds between its lines
 */
export function watchGpus(every: number): { figures(): Record<string, number>; end(): void } {
  let newest: Record<string, number> = {};
  const path = found('nvidia-smi');
  const fields = ['index', ...ASKED.map(([field]) => field)].join(',');
  let child: ChildProcess | undefined;
  if (path) {
    // Most machines have none, and every kernel would have loaded them before its first answer.
    const { spawn } = process.getBuiltinModule('node:child_process');
    const { createInterface } = process.getBuiltinModule('node:readline');
    child = spawn(path, [`--query-gpu=${fields}`, '--format=csv,noheader,nounits', '-l', String(every)], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    child.on('error', () => {});
    child.on('exit', () => {
      newest = {};
    });
    if (child.stdout) {
      createInterface({ input: child.stdout }).on('line', (line) => {
        newest = { ...newest, ...gpuFigures(line) };
      });
    }
    child.unref();
  }
  return { figures: () => newest, end: () => void child?.kill() };
}

function found(name: string): string | undefined {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    if (folder === '') continue;
    try {
      accessSync(join(folder, name), constants.X_OK);
      return join(folder, name);
    } catch {
      // Not there.
    }
  }
  return undefined;
}
