/**
 * A training script for tests that kill it or its server. It logs until a line comes on its input, and prints the id of its
 * trial, then how far it is, then its last step.
 */
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { trial } from 'trialroom';

const run = await trial({ experiment: 'scripts', name: 'a script', params: { rate: 0.1 } });
console.log(`open ${run.id}`);
let ended = false;
createInterface({ input: process.stdin }).on('line', () => {
  ended = true;
});
let step = 0;
while (!ended && !run.stopping) {
  step++;
  run.log({ value: step, square: step * step }, { step });
  if (step % 10 === 0) {
    console.log(`step ${step}`);
    await delay(10);
  }
}
await run.finish();
console.log(`end ${step}`);
process.exit();
