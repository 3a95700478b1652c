import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { EXIT_BAD_START, EXIT_OUT_OF_MEMORY } from '@trialroom/shared/kernel/limits';
import { kernelCommand } from '@trialroom/shared/kernel/spawn';
import { expect, it } from 'vitest';
import { startKernel } from './harness.ts';

const entry = fileURLToPath(new URL('../main.js', import.meta.url));

it.each([
  ['idle', '1'],
  ['blocked', 'console.log("go"); while (true) {}'],
  ['waiting', 'console.log("go"); await new Promise(() => {})'],
  ['blocked in native code', 'console.log("go"); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)'],
])('a kernel that is %s ends when its parent vanishes', async (_, source) => {
  const kernel = await startKernel();
  const execution = kernel.start(source);
  if (source === '1') await kernel.finished(execution);
  else await kernel.untilPrinted(execution, 'go');
  kernel.hangUp();
  await kernel.exited;
  expect(kernel.child.exitCode ?? kernel.child.signalCode).not.toBeNull();
});

it('a kernel ends when its parent is killed', async () => {
  const harness = new URL('./harness.ts', import.meta.url).href;
  const script = `const { startKernel } = await import(${JSON.stringify(harness)}); const k = await startKernel(); k.start('while (true) {}'); await k.until('started'); console.log(k.child.pid); await new Promise(() => {})`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', `setInterval(() => {}, 1e6); ${script}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(parent.stdout, 'data');
  const pid = Number(String(line));
  expect(isAlive(pid)).toBe(true);
  parent.kill('SIGKILL');
  while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 5));
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

it('shutdown flushes and ends with 0; a blocked kernel is killed', async () => {
  const kernel = await startKernel();
  await kernel.run('setTimeout(() => {}, 1e6); console.log("said")');
  kernel.send({ type: 'shutdown' });
  expect(await kernel.exited).toMatchObject({ code: 0, reason: 'The kernel ended.' });
  expect(kernel.stderr).toBe('');
  const broken = await startKernel();
  await broken.run('globalThis.Symbol = globalThis.process = globalThis.setImmediate = undefined; 0');
  broken.send({ type: 'shutdown' });
  expect(await broken.exited).toMatchObject({ code: 0 });
  const blocked = await startKernel();
  const execution = blocked.start('console.log("go"); while (true) {}');
  await blocked.untilPrinted(execution, 'go');
  blocked.send({ type: 'shutdown' });
  expect((await blocked.exited).signal).toBe('SIGKILL');
});

it.each([
  ['typed arrays', 'const keep = []; for (;;) keep.push(new Float64Array(1e6).fill(1))'],
  ['typed arrays, between awaits', 'const keep = []; for (;;) { await 0; keep.push(new Float64Array(1e6).fill(1)) }'],
  ['objects', 'const keep = []; for (;;) keep.push({ a: [1, 2, 3], b: String(keep.length) })'],
])('a cell that fills the memory with %s ends the kernel with a reason', async (_, source) => {
  const kernel = await startKernel({ memoryMb: 320 });
  kernel.start(source);
  const { code, signal, reason } = await kernel.exited;
  expect(code === EXIT_OUT_OF_MEMORY || signal === 'SIGABRT' || signal === 'SIGKILL').toBe(true);
  expect(reason).toMatch(/^The kernel ran out of memory: .*320 MB/);
});

it("tells V8's own end for want of heap", async () => {
  const kernel = await startKernel({ execArgv: ['--max-old-space-size=48'] });
  kernel.start('const keep = []; for (;;) keep.push({ a: [1, 2, 3] })');
  expect((await kernel.exited).reason).toMatch(/ran out of memory: JavaScript objects filled its heap/);
});

it('Ctrl-C in the terminal of the parent leaves the kernel alive', async () => {
  const kernel = await startKernel();
  await kernel.run('let kept = 1');
  kernel.child.kill('SIGINT');
  expect((await kernel.run('kept')).result).toBe('1');
  await kernel.close();
});

it('says what it uses while that changes', async () => {
  const kernel = await startKernel();
  const execution = kernel.start('while (true) {}');
  const { memory, cpu } = await kernel.until('gauge', (gauge) => gauge.cpu > 0.1);
  expect(memory).toBeGreaterThan(20 * 1024 * 1024);
  expect(cpu).toBeLessThan(64);
  kernel.send({ type: 'interrupt' });
  await kernel.finished(execution);
  await kernel.close();
});

it('answers a probe, and tells the backend once a cell loads TensorFlow.js', async () => {
  const kernel = await startKernel();
  kernel.send({ type: 'probe' });
  const { report } = await kernel.until('backend');
  expect(report.candidates.filter(({ chosen }) => chosen).map(({ name }) => name)).toEqual([report.name]);
  const seen = kernel.messages.length;
  const ran = await kernel.run('import * as tf from "@tensorflow/tfjs"; tf.tensor([1, 2]).sum().dataSync()[0]');
  expect(ran.result).toBe('3');
  expect(kernel.messages.slice(seen).filter(({ type }) => type === 'backend')).toHaveLength(1);
  await kernel.close();
});

it.each([
  ['without a socket', [entry]],
  ['with a limit that is no number', [entry, '--socket', '/nowhere', '--memory', 'lots']],
  ['on a socket nobody listens on', kernelCommand({ entry, socket: '/nowhere/at/all' }).args],
])('started %s, it says so and ends', async (_, args) => {
  const child = spawn(process.execPath, ['--no-warnings', ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += String(chunk);
  });
  const [code] = await once(child, 'close');
  expect(code).toBe(EXIT_BAD_START);
  expect(stderr).toMatch(/^trialroom kernel: /);
});
