/** Who is asked when executions follow each other faster than the stream looks; the rest is tested in a real kernel. */
import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { currentScope, newScope, runInScope } from '../scope.ts';
import { AskedStdin } from './stdin.ts';

/** A standard input whose questions are answered by hand. */
function askedStdin() {
  const questions: { by: string | undefined; answer: (line: string) => void }[] = [];
  const stdin = new AskedStdin({
    ask: () =>
      new Promise<string>((answer) => {
        questions.push({ by: currentScope()?.execution, answer });
      }),
  });
  /** Waits until so many questions were asked. */
  const asked = async (count: number): Promise<void> => {
    while (questions.length < count) await turn();
  };
  return { stdin, questions, asked };
}

const line = (stdin: AskedStdin): Promise<string> =>
  new Promise((got, fail) => {
    stdin.stream.once('data', (data) => got(String(data))).once('error', fail);
  });

it('asks for who wants a line, not for what the execution before it has left', async () => {
  const { stdin, questions, asked } = askedStdin();
  const [first, second] = [newScope('first'), newScope('second')];
  const read = runInScope(first, () => line(stdin));
  await asked(1);
  questions[0]?.answer('one');
  expect(await read).toBe('one\n');
  stdin.ended(first);
  runInScope(first, () => stdin.stream.pause().resume());
  const next = runInScope(second, () => line(stdin));
  runInScope(first, () => stdin.stream.resume());
  await asked(2);
  expect(questions.map(({ by }) => by)).toEqual(['first', 'second']);
  questions[1]?.answer('two');
  expect(await next).toBe('two\n');
});
