/**
 * What cells ask a person with: `input`, which is awaited, and `prompt`, `confirm` and `alert`, which block as they do in
 * browsers and in Deno. All of them are one question with a text for an answer.
 */
import type { KernelHost } from './host.ts';

const LONGEST_PROMPT = 10_000;

/** Defines the globals; a cell may put its own in their place. */
export function installGlobals(host: Pick<KernelHost, 'ask' | 'askSync'>): void {
  const question = (text: unknown, password = false): { prompt: string; password: boolean } => ({
    prompt: String(text).slice(0, LONGEST_PROMPT),
    password,
  });
  /** Where nobody can answer, as in a headless run, the answer is that of someone who cancels. */
  const answerTo = (text: unknown): string | null => {
    try {
      return host.askSync(question(text));
    } catch {
      return null;
    }
  };
  const globals = {
    /** Asks for text. Rejects when nobody can answer. */
    input: (prompt: unknown = '', options: { password?: boolean } = {}): Promise<string> =>
      host.ask(question(prompt, options.password === true)),
    /** Asks for text and blocks; null when nobody can answer. An empty answer means the default. */
    prompt(message: unknown = 'Prompt', byDefault: unknown = ''): string | null {
      const shown = byDefault === '' ? message : `${message} [${byDefault}]`;
      const answer = answerTo(shown);
      return answer === '' ? String(byDefault) : answer;
    },
    /** Asks whether to go on; true for an answer that begins with y. */
    confirm: (message: unknown = 'Confirm'): boolean => /^\s*y/i.test(answerTo(`${message} [y/N]`) ?? ''),
    /** Shows a message and waits until it was seen. */
    alert(message: unknown = 'Alert'): void {
      answerTo(`${message} [Enter]`);
    },
  };
  for (const [name, value] of Object.entries(globals)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true, enumerable: false });
  }
}
