import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { newScope, runInScope } from '../scope.ts';
import { Strays } from './strays.ts';

setFlagsFromString('--expose-gc');
const gc: () => void = runInNewContext('gc');

/** Collects garbage until `done`; each round is a task of its own, since what a task has seen stays alive in it. */
async function collectUntil(done: () => boolean): Promise<void> {
  while (!done()) {
    gc();
    await new Promise((tick) => setImmediate(tick));
  }
}

/** In a function of its own, so that nobody else holds the scope. */
function stopWaiting(strays: Strays, waits: Set<Promise<void>>): void {
  const { promise } = Promise.withResolvers<void>();
  waits.add(promise);
  const scope = newScope('that waits');
  runInScope(scope, () => void promise.then(() => {}));
  strays.stop(scope);
}

it('are watched for only as long as something could wake them', async () => {
  const shared = new Int32Array(new SharedArrayBuffer(64));
  const nothing = (): void => {};
  const strays = new Strays(nothing, { terminate: nothing }, shared, nothing, () => false);
  strays.stop(newScope('with nothing left'));
  expect(strays.watching).toBe(true);
  await collectUntil(() => !strays.watching);

  const waits = new Set<Promise<void>>();
  stopWaiting(strays, waits);
  let collected = false;
  const registry = new FinalizationRegistry(() => {
    collected = true;
  });
  registry.register({}, undefined);
  await collectUntil(() => collected);
  registry.unregister({});
  expect(strays.watching).toBe(true);
  waits.clear();
  await collectUntil(() => !strays.watching);
});
