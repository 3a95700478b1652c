/** A training script for tests that pause it: nothing but its loop keeps its process alive. It waits at a step until someone does. */
import { setTimeout as delay } from 'node:timers/promises';
import { trial } from 'trialroom';

const run = await trial({ experiment: 'scripts', name: 'a loop', params: {} });
console.log(`open ${run.id}`);
for await (const step of run.steps(100)) {
  run.log({ value: step + 1, square: (step + 1) ** 2 }, { step: step + 1 });
  while (step === 20 && !run.pausing) await delay(5);
}
await run.finish();
