import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type KernelHarness, type Ran, startKernel } from '../harness.ts';

let kernel: KernelHarness;
beforeAll(async () => {
  kernel = await startKernel();
});
afterAll(() => kernel?.close());

/** The kernel is as it was: it keeps variables, prints, shows and reports errors. */
async function expectWhole(on = kernel): Promise<void> {
  const ran = await on.run('let whole = 1; console.log("printed"); whole + 1');
  expect(ran).toMatchObject({ end: 'ok', text: 'printed\n', result: '2' });
  expect((await on.run('\nmissing', 'c')).error).toMatchObject({
    name: 'ReferenceError',
    frames: [{ cell: 'c', line: 2 }],
  });
}

/** Most of these are the end of a kernel, so each has its own. */
async function inOwn(source: string): Promise<Ran> {
  const own = await startKernel();
  try {
    const ran = await own.run(source);
    await expectWhole(own);
    return ran;
  } finally {
    await own.close();
  }
}

describe('a cell that takes all listeners away', () => {
  it.each(['process.removeAllListeners()', 'process.removeAllListeners("uncaughtException")'])(
    'is told of errors that nobody caught all the same: %s',
    async (remove) => {
      const late = 'await new Promise((resolve) => setTimeout(resolve, 1))';
      const { text } = await inOwn(
        `${remove}; process.removeAllListeners("unhandledRejection"); setTimeout(() => { throw new Error("thrown late") }, 0); Promise.reject(new Error("rejected")); ${late}; ${late}`,
      );
      expect(text).toContain('Uncaught Error: thrown late');
      expect(text).toContain('Uncaught Error: rejected');
    },
  );
});

describe('a cell that closes files', () => {
  it.each(['0', '1', '2'])('does not close standard stream %s', async (fd) => {
    const ran = await kernel.run(`import { closeSync } from "node:fs"; closeSync(${fd})`);
    expect(ran.error?.message).toContain(`file descriptor ${fd} belongs to the kernel`);
    await expectWhole();
  });

  it('closes none of the kernel’s, but its own', async () => {
    const ran = await kernel.run(`
      import fs, { close, closeSync, openSync } from "node:fs";
      const mine = openSync("/dev/null"); let refused = 0;
      for (let fd = 0; fd < mine; fd++) { try { closeSync(fd); refused-- } catch (error) { if (error.code === "EPERM") refused++ } }
      try { close(1, () => {}) } catch { refused++ }
      try { fs.closeSync(1) } catch { refused++ }
      closeSync(mine); refused > 10`);
    expect(ran.result).toBe('true');
    await expectWhole();
  });
});

describe('a cell that ends the process', () => {
  it.each([
    'process.exit(1)',
    'process.abort()',
    'process.kill(process.pid)',
    'process.kill(process.pid, "SIGKILL")',
    'process.kill(process.pid, 9)',
    'process.kill(0, "SIGTERM")',
    '(await import("node:process")).exit(1)',
  ])('%s does not', async (source) => {
    const { error } = await kernel.run(source);
    expect(error).toMatchObject({ name: 'KernelExit', message: expect.stringContaining('Restart') });
    await expectWhole();
  });

  it('may signal itself what it listens to, and other processes', async () => {
    const ran = await kernel.run(`
      const heard = new Promise((resolve) => process.once("SIGUSR2", resolve));
      process.kill(process.pid, "SIGUSR2"); process.kill(process.pid, 0); await heard`);
    expect(ran.result).toBe("'SIGUSR2'");
  });

  it('through another process does, and that is told', async () => {
    const own = await startKernel();
    own.start(
      'import { spawn } from "node:child_process"; spawn("kill", ["-9", String(process.pid)]); await new Promise(() => {})',
    );
    expect((await own.exited).reason).toContain('killed from outside');
  });
});

describe('a cell that takes away what others need', () => {
  it.each([
    ['process', 'delete globalThis.process; 0'],
    ['Promise', 'const Promise = 5; 0'],
    [
      'many names',
      'const performance = 1, Buffer = 2, URL = 3, Error = 4, Map = 5, JSON = 6, Object = 7, Reflect = 8; 0',
    ],
    ['classes', 'class Set {} class Symbol {} class Array {} class Function {} 0'],
    [
      'globals by assignment',
      'performance = undefined; Buffer = undefined; TextEncoder = undefined; setTimeout = undefined; 0',
    ],
    [
      'the kernel’s own',
      'try { delete globalThis.__trialroom } catch {} try { globalThis.__trialroom = 1 } catch {} 0',
    ],
    ['display', 'globalThis.display = globalThis.require = globalThis.trialroom = 1; 0'],
    [
      'hooks of stack traces',
      'Error.prepareStackTrace = () => "none"; Error.stackTraceLimit = 0; Error.prepareStackTrace = undefined; Error.stackTraceLimit = 10; 0',
    ],
  ])('%s leaves the kernel whole', async (_, source) => {
    const ran = await inOwn(source);
    expect(ran).toMatchObject({ end: 'ok', result: '0' });
  });

  it('process.stdout.write has its way with what is printed, and nothing else', async () => {
    const ran = await kernel.run(`
      const write = process.stdout.write; const caught = [];
      process.stdout.write = (text) => { caught.push(text); return true };
      console.log("hidden"); process.stdout.write = write; console.log("seen"); caught`);
    expect(ran).toMatchObject({ text: 'seen\n', result: "[ 'hidden\\n' ]" });
    await kernel.run('process.stdout.write = () => { throw new Error("no") }');
    expect((await kernel.run('console.log(1)')).error?.message).toBe('no');
    expect((await kernel.run('process.stdout.write = write; console.log("again")')).text).toBe('again\n');
  });
});

describe('values', () => {
  it.each([
    ['circular', 'const circular = { a: 1 }; circular.self = circular; circular', /self: \[Circular/],
    ['a getter that throws', '({ get a() { throw new Error("touched") }, b: 1 })', /b: 1/],
    ['a proxy that throws', 'new Proxy({}, new Proxy({}, { get() { throw new Error("trap") } }))', /./],
    ['an array of proxies', '[new Proxy({}, { ownKeys() { throw 1 } })]', /./],
    ['a hostile tag', '({ get [Symbol.toStringTag]() { throw new Error("tag") } })', /./],
    ['a hostile inspection', '({ [Symbol.for("nodejs.util.inspect.custom")]() { throw new Error("inspect") } })', /./],
    ['a revoked proxy', 'const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); proxy', /./],
    ['without prototype', 'Object.create(null)', /null prototype/],
    ['very deep', 'let deep = {}; for (let i = 0; i < 1e5; i++) deep = { deep }; deep', /deep/],
    ['very wide', 'Object.fromEntries(Array.from({ length: 2e5 }, (_, i) => ["k" + i, i]))', /k0/],
  ])('%s are shown', async (_, source, shown) => {
    const ran = await kernel.run(source);
    expect(ran.error).toBeUndefined();
    expect(ran.result).toMatch(shown);
    await expectWhole();
  });

  it('thrown may be anything', async () => {
    for (const source of [
      'throw new Proxy({}, { get() { throw 1 }, getPrototypeOf() { throw 2 } })',
      'throw { get message() { throw new Error("m") }, get stack() { throw new Error("s") } }',
      'const error = new Error("e"); error.cause = error; throw error',
      'const error = new Error("e"); Object.defineProperty(error, "stack", { get() { throw 1 } }); throw error',
      'throw Object.assign(new Error(), { message: { toString() { throw 1 } } })',
    ]) {
      expect((await kernel.run(source)).end).toBe('error');
    }
    await expectWhole();
  });

  it('of a hundred megabytes arrive, whole or as a summary', async () => {
    const printed = await kernel.run('process.stdout.write("x".repeat(1e8)); 0');
    expect(printed.text.length).toBe(1e8);
    const shown = await kernel.run('"y".repeat(1e8)');
    expect(shown.end).toBe('ok');
    expect(shown.result?.length).toBeGreaterThan(100);
    await expectWhole();
  });

  // What V8 writes of them would take it some ten seconds each.
  it.each([
    'throw new Error("z".repeat(1e8))',
    'await 0;\nthrow new Error("z".repeat(1e8))',
    'throw "z".repeat(1e8)',
    'throw Symbol("z".repeat(1e8))',
    'throw 10n ** 200_000n',
    'throw class extends Error { get message() { return "z".repeat(1e8) } }.prototype',
    'throw new (class extends Error { get message() { return "z".repeat(1e8) } })()',
    'throw Object.assign(new Error("short"), { stack: "z".repeat(1e8) })',
    'throw Object.assign(new Error("short"), { name: "Z".repeat(1e8) })',
    'throw new AggregateError([new Error("z".repeat(1e8))], "short")',
    'throw new Error("short", { cause: "z".repeat(1e8) })',
    'new Promise((_, reject) => setTimeout(reject, 1, new Error("z".repeat(1e8))))',
  ])('thrown are cut: %s', async (source) => {
    const ran = await kernel.run(source, 'thrown');
    expect(ran.end).toBe('error');
    expect(JSON.stringify(ran.error).length).toBeLessThan(8_500_000);
    await expectWhole();
  });

  it('thrown that are long still name their place', async () => {
    const { error } = await kernel.run(
      'const fail = () => {\n  throw new Error("z".repeat(1e8));\n};\nfail()',
      'place',
    );
    expect(error?.message).toMatch(/^z+… \(100000000 characters\)$/);
    expect(error?.frames).toMatchObject([
      { cell: 'place', line: 2 },
      { cell: 'place', line: 4 },
    ]);
  });
});
