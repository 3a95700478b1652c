import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OUTPUT_WINDOW } from '@trialroom/shared/kernel/limits';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type KernelHarness, startKernel } from './harness.ts';

let kernel: KernelHarness;
beforeAll(async () => {
  kernel = await startKernel();
  await kernel.run(`
    import { execSync, fork, spawn, spawnSync } from 'node:child_process';
    import fs from 'node:fs';
    import { Readable } from 'node:stream';
    import { pipeline } from 'node:stream/promises';
    import { promisify } from 'node:util';
    const closed = (child) => new Promise((resolve) => child.on('close', resolve));`);
});
afterAll(() => kernel?.close());

/** What a cell printed, to which stream, and its result. */
async function said(source: string): Promise<[stdout: string, stderr: string, result: string | undefined]> {
  const { messages, result, error } = await kernel.run(source);
  expect(error, source).toBeUndefined();
  const text = (name: string): string =>
    messages.map((each) => (each.type === 'stream' && each.name === name ? each.text : '')).join('');
  return [text('stdout'), text('stderr'), result];
}

describe('a child process that inherits the streams', () => {
  it.each([
    ['execSync("echo out; echo err >&2", { stdio: "inherit" })', 'null'],
    ['await closed(spawn("sh", ["-c", "echo out; echo err >&2; exit 3"], { stdio: "inherit" }))', '3'],
    ['spawnSync("sh", ["-c", "echo out; echo err >&2"], { stdio: [0, 1, 2] }).output', '[ null, null, null ]'],
    [
      'const c = spawn("sh", ["-c", "echo out; echo err >&2"], { stdio: ["ignore", process.stdout, 2] }); await closed(c); c.stdio',
      '[ null, null, null ]',
    ],
    [
      'fs.writeFileSync("kid.cjs", "console.log(\'out\'); console.error(\'err\')"); await closed(fork("./kid.cjs"))',
      '0',
    ],
  ])('prints in its cell: %s', async (source, result) => {
    expect(await said(source)).toEqual(['out\n', 'err\n', result]);
  });

  it('may have some of them to itself', async () => {
    const options = '{ stdio: ["ignore", "inherit", "pipe"] }';
    expect(await said(`spawnSync("sh", ["-c", "echo out; echo own >&2"], ${options}).stderr.toString()`)).toEqual([
      'out\n',
      '',
      "'own\\n'",
    ]);
    expect(
      await said(
        `const d = spawn("sh", ["-c", "echo out; echo own >&2"], ${options}); let own = ""; d.stderr.on("data", (text) => { own += text }); await closed(d); own`,
      ),
    ).toEqual(['out\n', '', "'own\\n'"]);
  });

  it('prints as much as it likes, and characters whole', async () => {
    const [out, , result] = await said(
      'spawnSync(process.execPath, ["-e", "process.stdout.write(\'é\'.repeat(2e6))"], { stdio: "inherit" }).status',
    );
    expect([out.length, out.replaceAll('é', ''), result]).toEqual([2e6, '', '0']);
  });

  it.each([
    'execSync("echo first; until [ -e go ]; do sleep 0.01; done; echo second", { stdio: "inherit" })',
    'spawnSync("sh", ["-c", "echo first >&2; until [ -e go ]; do sleep 0.01; done; echo second >&2"], { stdio: [0, 1, 2] })',
  ])('is heard while the cell waits for it: %s', async (source) => {
    const go = join(kernel.folder, 'go');
    await rm(go, { force: true });
    const execution = kernel.start(`console.log("zeroth"); ${source}; console.log("third")`);
    await kernel.untilPrinted(execution, 'zeroth\nfirst\n');
    await writeFile(go, '');
    expect((await kernel.finished(execution)).text).toBe('zeroth\nfirst\nsecond\nthird\n');
  });

  it('is not waited for where it has left something running, which is heard on', async () => {
    const go = join(kernel.folder, 'go');
    await rm(go, { force: true });
    const execution = kernel.start(
      'execSync("(until [ -e go ]; do sleep 0.01; done; echo late) & echo first", { stdio: "inherit" }); console.log("second")',
    );
    expect((await kernel.finished(execution)).text).toBe('first\nsecond\n');
    await writeFile(go, '');
    await kernel.untilPrinted(execution, 'late\n');
  });

  it('leaves nothing behind, however it ends', async () => {
    const held = 'fs.readdirSync("/proc/self/fd").length';
    const before = (await kernel.run(held)).result;
    await kernel.run('for (let i = 0; i < 5; i++) execSync("exit", { stdio: "inherit" })');
    const execution = kernel.start('execSync("echo go; sleep 60", { stdio: "inherit" })');
    await kernel.untilPrinted(execution, 'go');
    kernel.send({ type: 'interrupt' });
    expect((await kernel.finished(execution)).end).toBe('aborted');
    expect((await kernel.run('await new Promise((resolve) => setTimeout(resolve, 1))')).end).toBe('ok');
    expect((await kernel.run(held)).result).toBe(before);
  });

  it('waits where nobody takes in what it prints, and can be interrupted then', async () => {
    const alone = await startKernel({ credit: false });
    try {
      const execution = alone.start('require("child_process").execSync("yes", { stdio: "inherit" })');
      await alone.untilPrinted(execution, 'y\n'.repeat(1024 * 1024));
      alone.send({ type: 'interrupt' });
      const { end, text } = await alone.finished(execution);
      expect(end).toBe('aborted');
      expect(text.length).toBeLessThan(2 * OUTPUT_WINDOW);
    } finally {
      await alone.close();
    }
  });

  it('prints in the cell that started it, also when that is over', async () => {
    const first = kernel.start('const late = spawn("sh", ["-c", "read go; echo late"], { stdio: ["pipe", 1, 2] }); 0');
    await kernel.finished(first);
    await kernel.run('late.stdin.end("go\\n"); await closed(late)');
    await kernel.untilPrinted(first, 'late\n');
  });
});

describe('what is written to the descriptors 1 and 2', () => {
  it.each([
    ['fs.writeSync(1, "out\\n"); fs.writeSync(2, Buffer.from("..err\\n"), 2)', '4'],
    ['fs.writeSync(1, "6f75740a", null, "hex"); fs.writevSync(2, [Buffer.from("er"), Buffer.from("r\\n")])', '4'],
    ['fs.writeFileSync(1, "out\\n"); fs.appendFileSync(2, "err\\n")', undefined],
    [
      'await promisify(fs.write)(1, "out\\n"); (await promisify(fs.write)(2, Buffer.from("x err\\n"), { offset: 2 })).bytesWritten',
      '4',
    ],
    [
      'fs.write(1, "out\\n", () => {}); await new Promise((done) => fs.writev(2, [Buffer.from("err\\n")], done))',
      'null',
    ],
  ])('is printed: %s', async (source, result) => {
    expect(await said(source)).toEqual(['out\n', 'err\n', result]);
  });

  it('is all that is held back', async () => {
    expect((await kernel.run('fs.writeSync(99, "x")')).error?.message).toContain('EBADF');
    await kernel.run(
      'fs.writeFileSync("file.txt", "a"); fs.appendFileSync("file.txt", "b"); const fd = fs.openSync("file.txt", "a"); fs.writeSync(fd, "c"); fs.closeSync(fd)',
    );
    expect(await readFile(join(kernel.folder, 'file.txt'), 'utf8')).toBe('abc');
  });
});

describe('process.stdout', () => {
  it('is not over when somebody has ended it', async () => {
    expect(await said('await new Promise((done) => process.stdout.end("a\\n", done)); console.log("b")')).toEqual([
      'a\nb\n',
      '',
      undefined,
    ]);
    const both = '["c", "d"].map((text) => pipeline(Readable.from([text, text]), process.stdout))';
    expect((await said(`await Promise.all(${both}); 1`))[0]).toMatch(/^(c|d){4}$/);
    for (const text of ['c', 'd'])
      expect(await said(`await pipeline(Readable.from(["${text}"]), process.stdout)`)).toEqual([text, '', undefined]);
    expect((await said('process.stdout.write("e")'))[0]).toBe('e');
  });
});
