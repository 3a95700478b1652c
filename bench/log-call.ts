/**
 * What a call of `log` costs the training thread: three keys, as a training loop has them, with everything that happens
 * there on the way of the points out of the process (packing, the frame's header). What takes the frame is not counted.
 */
import { encodeFrame } from '@trialroom/shared/kernel/framing';
import { MemoryHost } from '../kernel/library/trial/memory-host.ts';
import { Trial } from '../kernel/library/trial/trial.ts';
import { quantile, type Row } from './report.ts';

const CALLS = 200_000;
const ROUNDS = 9;

/** A host that makes the frames and lets them go. */
class Leaving extends MemoryHost {
  bytes = 0;
  override send(...message: Parameters<MemoryHost['send']>): void {
    this.bytes += encodeFrame(...message).length;
  }
}

/** Row `log-call`: µs a call, the median of the rounds after one to warm up. */
export function logCall(): Row {
  const host = new Leaving();
  const trial = new Trial(host, 'bench', 'bench', undefined);
  const rounds: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const began = performance.now();
    for (let step = 0; step < CALLS; step++) trial.log({ loss: 1 / step, accuracy: 0.5, lr: 0.001 }, { step });
    if (round > 0) rounds.push(((performance.now() - began) / CALLS) * 1000);
  }
  if (host.bytes < CALLS * ROUNDS * 72) throw new Error('the points did not leave');
  return { name: 'log-call', unit: 'µs', ours: quantile(rounds, 0.5), goal: 5 };
}
