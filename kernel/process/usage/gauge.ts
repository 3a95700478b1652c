/**
 * Watches what the process uses: tells the parent about once a second, when something changed, and ends the process
 * before it takes the machine's memory from everyone else.
 */
import { writeSync } from 'node:fs';
import { EXIT_OUT_OF_MEMORY } from '@trialroom/shared/kernel/limits';
import type { FromKernel } from '@trialroom/shared/kernel/protocol';
import { OUT_OF_MEMORY_MARK } from '@trialroom/shared/kernel/spawn';
import { endAtOnce } from '../end.ts';
import type { MainInspector } from '../main-inspector.ts';
import { Sampler, watchGpus } from './samples.ts';

const BUSY_MS = 50;
const IDLE_MS = 250;
const TELL_MS = 1000;

/** Time between two samples, in ms. */
const SAMPLE_MS = 2000;
const MB = 1024 * 1024;

/** Starts watching. `memoryMb` is the limit on the resident set; undefined: none. */
export function watchGauges(options: {
  memoryMb: number | undefined;
  isBusy: () => boolean;
  /** Whether a trial was opened here: its machine is sampled while a cell runs. */
  hasTrial: () => boolean;
  say: (message: FromKernel) => void;
  main: MainInspector;
}): void {
  const { memoryMb, isBusy, hasTrial, say, main } = options;
  const sampler = new Sampler();
  let gpus: ReturnType<typeof watchGpus> | undefined;
  let sampledAt = Number.NEGATIVE_INFINITY;
  let told = { memory: 0, cpu: 0 };
  let since = performance.now();
  let used = process.cpuUsage();
  const look = (): void => {
    const memory = process.memoryUsage.rss();
    if (memoryMb !== undefined && memory > memoryMb * MB) {
      try {
        writeSync(2, `\n${OUT_OF_MEMORY_MARK}: ${Math.round(memory / MB)} MB used, the limit is ${memoryMb} MB\n`);
      } catch {
        // A cell has closed it; the exit code says it too.
      }
      endAtOnce(main, EXIT_OUT_OF_MEMORY);
      return;
    }
    const now = performance.now();
    if (now - since >= TELL_MS) {
      const { user, system } = process.cpuUsage(used);
      const cpu = Math.round((user + system) / (now - since) / 10) / 100;
      used = process.cpuUsage();
      since = now;
      if (Math.abs(memory - told.memory) > MB || Math.abs(cpu - told.cpu) > 0.02) {
        told = { memory, cpu };
        say({ type: 'gauge', memory, cpu });
      }
    }
    if (now - sampledAt >= SAMPLE_MS && hasTrial() && isBusy()) {
      sampledAt = now;
      gpus ??= watchGpus(SAMPLE_MS / 1000);
      const samples = { ...sampler.take(now), ...gpus.figures() };
      say({ type: 'gauge', ...told, memory, at: Date.now(), samples });
    }
    setTimeout(look, isBusy() ? BUSY_MS : IDLE_MS);
  };
  look();
}
