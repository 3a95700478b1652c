/** Questions to a person, and the wish of a person that a cell stops: in a notebook, and in a terminal too. */
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { host } from '../process/host.ts';

const LONGEST_PROMPT = 10_000;

/**
 * Asks for text and resolves with what someone in the notebook answers, or someone at the terminal.
 * @param options `password`: what is typed is not shown
 * @throws Error when nobody can answer
 * @example const name = await input('Name of the run?');
 */
export function input(prompt = '', options: { password?: boolean } = {}): Promise<string> {
  const question = String(prompt).slice(0, LONGEST_PROMPT);
  const password = options.password === true;
  const kernel = host();
  return kernel ? kernel.ask({ prompt: question, password }) : askTerminal(question, password);
}

function askTerminal(question: string, password: boolean): Promise<string> {
  process.stdout.write(question === '' || /\s$/.test(question) ? question : `${question} `);
  // What a terminal echoes goes through here: a password is written nowhere.
  const output = password ? new Writable({ write: (_chunk, _encoding, done) => done() }) : process.stdout;
  const lines = createInterface({ input: process.stdin, output, terminal: process.stdin.isTTY === true });
  return new Promise((resolve, reject) => {
    let answer: string | undefined;
    lines.once('line', (line) => {
      answer = line;
      lines.close();
    });
    lines.once('close', () => {
      if (password) process.stdout.write('\n');
      if (answer === undefined) reject(new Error('input(): nobody can answer, the standard input is at its end'));
      else resolve(answer);
    });
  });
}

/**
 * The signal of the running cell: aborted when someone interrupts it. Code that can leave off by itself (a download, a
 * long loop) is given it, or asks `signal().aborted`. In a script it is never aborted.
 * @example await fetch(url, { signal: signal() });
 */
export const signal = (): AbortSignal => host()?.signal() ?? never.signal;

const never = new AbortController();
