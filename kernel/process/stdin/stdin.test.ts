import { END_OF_INPUT } from '@trialroom/shared/kernel/limits';
import type { FromKernel } from '@trialroom/shared/kernel/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type KernelHarness, type Ran, startKernel } from '../harness.ts';

let kernel: KernelHarness;
/** What people say next; `null`: nobody is there. */
const answers: (string | null)[] = [];
/** What was asked of them. */
let asked: unknown[] = [];

beforeAll(async () => {
  kernel = await startKernel();
  kernel.events.on('message', (message: FromKernel) => {
    if (message.type !== 'call' || message.method !== 'input') return;
    asked.push(message.params);
    const { request } = message;
    const answer = answers.shift();
    if (answer === null) kernel.send({ type: 'reply', request, ok: false, error: 'nobody is here' });
    else if (answer !== undefined) kernel.send({ type: 'reply', request, ok: true, value: answer });
  });
  await kernel.run(`
    import fs from 'node:fs';
    import { stdin, stdout } from 'node:process';
    import { createInterface } from 'node:readline';
    import * as promises from 'node:readline/promises';
    import { text } from 'node:stream/consumers';
    const turn = () => new Promise((resolve) => setTimeout(resolve, 1));`);
});
afterAll(() => kernel?.close());

/** Runs a cell that is given these answers, all of them and no other. */
async function answered(source: string, ...given: (string | null)[]): Promise<Ran> {
  answers.splice(0, answers.length, ...given);
  asked = [];
  const ran = await kernel.run(source);
  expect([asked.length, answers], source).toEqual([given.length, []]);
  return ran;
}

describe('process.stdin', () => {
  it.each([
    [
      'const got = []; for await (const line of createInterface({ input: process.stdin })) got.push(line); got',
      "[ 'a', 'b' ]",
    ],
    ['await text(stdin)', "'a\\nb\\n'"],
    [
      'await new Promise((end) => { let all = ""; stdin.on("data", (d) => { all += d }).on("end", () => end(all)) })',
      "'a\\nb\\n'",
    ],
    [
      'const all = []; for await (const each of fs.createReadStream("", { fd: 0, autoClose: false })) all.push(String(each)); all',
      "[ 'a\\n', 'b\\n' ]",
    ],
  ])('is read to its end, time and again: %s', async (source, result) => {
    for (let time = 0; time < 2; time++) expect((await answered(source, 'a', 'b', END_OF_INPUT)).result).toBe(result);
    expect(asked).toEqual(Array(3).fill({ prompt: '', password: false, stdin: true }));
  });

  it.each([
    ['for await (const line of createInterface({ input: stdin })) { if (line === "b") break }', 2],
    ['String(await new Promise((got) => process.stdin.once("data", got)))', 1],
    ['await new Promise((got) => stdin.once("readable", () => got(stdin.read().toString())))', 1],
    ['for await (const chunk of stdin) break; for await (const chunk of process.stdin) break', 2],
  ])('asks for no line too many: %s', async (source, lines) => {
    await answered(`${source}; await turn(); await turn()`, ...['a', 'b'].slice(0, lines));
  });

  it('asks the questions of an interface when they are asked, also of another cell', async () => {
    await answered(
      'const asking = promises.createInterface({ input: stdin, output: stdout }); await turn(); await turn()',
    );
    const ran = await answered(
      'const name = await asking.question("Name? "); [name, await asking.question("Age? ")]',
      'Ada',
      '36',
    );
    expect([ran.result, ran.text]).toEqual(["[ 'Ada', '36' ]", 'Name? Age? ']);
    expect((await answered('await turn(); await asking.question("Well? ")', 'yes')).result).toBe("'yes'");
    await answered('asking.close()');
  });

  it.each([
    'for await (const line of createInterface({ input: process.stdin })) {}',
    'await promises.createInterface({ input: process.stdin }).question("Name?")',
    'for await (const chunk of stdin) {}',
    'await new Promise((got) => process.stdin.once("data", got))',
    'fs.readFileSync(0)',
    'fs.readSync(0, Buffer.alloc(1))',
  ])('fails in words where nobody can answer: %s', async (source) => {
    const { end, error } = await answered(source, null);
    expect([end, error?.message, error?.frames[0]?.line]).toEqual(['error', 'nobody is here', 1]);
    expect((await answered('String(await new Promise((got) => stdin.once("data", got)))', 'on')).result).toBe(
      "'on\\n'",
    );
  });

  it('says that its cell has to wait', async () => {
    const execution = kernel.start('createInterface({ input: process.stdin }).question("Name?", () => {}); 0');
    expect((await kernel.finished(execution)).end).toBe('ok');
    await kernel.untilPrinted(execution, 'is an await missing?');
  });

  it('can be interrupted, and the next cell gets its own answer', async () => {
    answers.length = 0;
    const execution = kernel.start('for await (const line of createInterface({ input: stdin })) {}');
    const { request } = await kernel.until('call', (message) => message.execution === execution);
    kernel.send({ type: 'interrupt' });
    expect((await kernel.finished(execution)).end).toBe('aborted');
    kernel.send({ type: 'reply', request, ok: true, value: 'late' });
    const next = await answered(
      'for await (const line of createInterface({ input: stdin })) { console.log(line); break }',
      'mine',
    );
    expect(next.text).toBe('mine\n');
  });
});

describe('the descriptor 0', () => {
  it.each([
    ['fs.readFileSync(0, "utf8")', "'all\\n'"],
    ['fs.readFileSync("/dev/stdin").length', '4'],
    ['await new Promise((got) => fs.readFile(0, { encoding: "utf8" }, (error, all) => got(all)))', "'all\\n'"],
    [
      'const b = Buffer.alloc(9, "."); [fs.readSync(0, b), fs.readSync(0, b, { offset: 4, length: 2 })].concat(String(b))',
      "[ 4, 2, 'all\\nab...' ]",
    ],
  ])('is asked for: %s', async (source, result) => {
    const given = source.includes('readSync(0, b)') ? ['all', 'abc'] : ['all'];
    expect((await answered(source, ...given)).result).toBe(result);
  });

  it('gives what is left of a line, and then the end', async () => {
    const source = 'const c = Buffer.alloc(3); [1, 2, 3].map(() => String(c.subarray(0, fs.readSync(0, c))))';
    expect((await answered(source, 'abcd', END_OF_INPUT)).result).toBe("[ 'abc', 'd\\n', '' ]");
  });
});
