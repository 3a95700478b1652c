import { packPoints } from '@trialroom/shared/trial/points';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type KernelHarness, startKernel } from './harness.ts';

let kernel: KernelHarness;
beforeAll(async () => {
  kernel = await startKernel();
  await kernel.run(
    'const host = globalThis[Symbol.for("trialroom.host")]; const params = { experiment: "e", name: "n", params: {} };',
  );
});
afterAll(() => kernel?.close());

let calls = 0;
async function open(variable: string, trial: string): Promise<void> {
  const execution = kernel.start(`let ${variable} = await host.openTrial(params); ${variable}.trial`);
  const call = await kernel.until('call', ({ request }) => request > calls);
  calls = call.request;
  expect(call.params).toMatchObject({ experiment: 'e', name: 'n' });
  kernel.send({ type: 'reply', request: call.request, ok: true, value: { trial, room: `/trials/${trial}` } });
  expect((await kernel.finished(execution)).result).toBe(`'${trial}'`);
}

it('opens a trial through the parent, or says why not', async () => {
  await open('first', 'T1');
  const execution = kernel.start('await host.openTrial(params)');
  const call = await kernel.until('call', ({ request }) => request > calls);
  calls = call.request;
  kernel.send({ type: 'reply', request: call.request, ok: false, error: 'the workspace is full' });
  expect((await kernel.finished(execution)).error?.message).toBe('the workspace is full');
});

it('refuses an answer without a trial id, and lives', async () => {
  const execution = kernel.start('await host.openTrial(params)');
  const call = await kernel.until('call', ({ request }) => request > calls);
  calls = call.request;
  kernel.send({ type: 'reply', request: call.request, ok: true, value: { nothing: 1 } });
  expect((await kernel.finished(execution)).error?.message).toContain('without a trial id');
});

it('lets a loop that never yields see that a person asked to stop, and only that trial', async () => {
  await open('second', 'T2');
  await open('third', 'T3');
  const execution = kernel.start(
    'console.log("go"); while (!host.stopRequested("T3")); [host.stopRequested("T2"), host.stopRequested("T3")]',
  );
  await kernel.untilPrinted(execution, 'go');
  kernel.send({ type: 'trial.control', trial: 'T3', action: 'stop' });
  expect((await kernel.finished(execution)).result).toBe('[ false, true ]');
});

it('tells of a pause and of going on, and lets no pause take back a stop', async () => {
  await open('paused', 'T5');
  const execution = kernel.start(`console.log("one"); while (!host.pauseRequested("T5")); console.log("two");
    while (host.pauseRequested("T5")); console.log("three");
    await new Promise((resolve) => host.onWish(() => { if (host.stopRequested("T5")) resolve(); }));
    host.pauseRequested("T5")`);
  await kernel.untilPrinted(execution, 'one');
  kernel.send({ type: 'trial.control', trial: 'T5', action: 'pause' });
  await kernel.untilPrinted(execution, 'two');
  kernel.send({ type: 'trial.control', trial: 'T5', action: 'resume' });
  await kernel.untilPrinted(execution, 'three');
  kernel.send({ type: 'trial.control', trial: 'T5', action: 'stop' });
  kernel.send({ type: 'trial.control', trial: 'T5', action: 'pause' });
  expect((await kernel.finished(execution)).result).toBe('false');
});

it('tells a loop that never yields how many cores it may take, and leaves what a cell has said itself', async () => {
  const execution = kernel.start(`const threads = () => (host.updateThreads(), process.env.TRIALROOM_THREADS);
    console.log("one"); while (threads() !== "3"); console.log("two"); while (threads() !== "1"); threads()`);
  await kernel.untilPrinted(execution, 'one');
  kernel.send({ type: 'share', threads: 3 });
  await kernel.untilPrinted(execution, 'two');
  kernel.send({ type: 'share', threads: 1 });
  expect((await kernel.finished(execution)).result).toBe("'1'");
  await kernel.run('process.env.TRIALROOM_THREADS = "5"');
  kernel.send({ type: 'share', threads: 2 });
  expect((await kernel.run('threads()')).result).toBe("'5'");
});

it('tells a loop that waits, which asks nobody', async () => {
  await kernel.run('process.env.TRIALROOM_THREADS = "1"');
  const execution = kernel.start(`console.log("go");
    while (process.env.TRIALROOM_THREADS !== "4") await new Promise((resolve) => setTimeout(resolve, 1));`);
  await kernel.untilPrinted(execution, 'go');
  kernel.send({ type: 'share', threads: 4 });
  expect((await kernel.finished(execution)).end).toBe('ok');
});

it('remembers a wish that came before the trial was open', async () => {
  kernel.send({ type: 'trial.control', trial: 'T4', action: 'stop' });
  await open('fourth', 'T4');
  expect((await kernel.run('host.stopRequested("T4")')).result).toBe('true');
});

it('passes acknowledgements on and payloads through', async () => {
  await kernel.run('let acked = []; host.onAck((trial, seq) => acked.push([trial, seq]))');
  kernel.send({ type: 'trial.ack', trial: 'T1', seq: 7 });
  expect((await kernel.run('acked')).result).toBe("[ [ 'T1', 7 ] ]");
  const { keys, payload } = packPoints([
    { key: 'loss', steps: Float64Array.of(1), walls: Float64Array.of(2), values: Float64Array.of(Number.NaN) },
  ]);
  const seen = kernel.frames;
  await kernel.run(
    `host.send({ type: 'trial.points', trial: 'T1', execution: host.execution(), seq: 1, keys: ${JSON.stringify(keys)} }, Uint8Array.from(${JSON.stringify([...payload])}))`,
  );
  expect(kernel.frames).toBeGreaterThan(seen);
  expect(kernel.payloads.at(-1)).toEqual(payload);
});

it('tells the end of an execution before the parent hears of it, whatever the listener does', async () => {
  await kernel.run(
    'host.onEnd(() => { throw new Error("bad listener") }); host.onEnd((execution, end) => host.send({ type: "trial.finish", trial: execution, end: end === "ok" ? "completed" : "stopped" })); void 0',
  );
  const execution = kernel.start('console.log("go"); await new Promise(() => {})');
  await kernel.untilPrinted(execution, 'go');
  kernel.send({ type: 'interrupt' });
  await kernel.finished(execution);
  const order = kernel.messages.flatMap((message) => {
    if (message.type === 'trial.finish' && message.trial === execution) return [message.end];
    return message.type === 'done' && message.execution === execution ? ['done'] : [];
  });
  expect(order).toEqual(['stopped', 'done']);
  expect(kernel.textOf(execution)).toContain('bad listener');
});

it('knows which execution calls, across awaits and timers', async () => {
  const execution = kernel.start(
    'const ids = [host.execution()]; await null; ids.push(host.execution()); await new Promise((r) => setTimeout(r, 1)); ids.push(host.execution()); new Set(ids).size === 1 && ids[0]',
  );
  expect((await kernel.finished(execution)).result).toBe(`'${execution}'`);
});
