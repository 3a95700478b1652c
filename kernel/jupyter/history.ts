/** What was run in this kernel, for `history_request`. It lives as long as the process does. */
import { type HistoryLine, historyReply } from '@trialroom/shared/jupyter/history';
import type { Json } from '@trialroom/shared/jupyter/messages';

/** Inputs kept; the oldest go first. */
const MOST = 2000;

/** Remembers inputs and results, and finds them again. */
export class History {
  #lines: HistoryLine[] = [];

  /** Remembers an input under its number. */
  add(count: number, input: string): void {
    this.#lines.push({ count, input, output: null });
    if (this.#lines.length > MOST) this.#lines.shift();
  }

  /** The result of what was added last under this count. */
  result(count: number, text: string): void {
    const line = this.#lines.findLast((one) => one.count === count);
    if (line) line.output = text;
  }

  /** The inputs of late, oldest first. */
  newest(most: number): Pick<HistoryLine, 'count' | 'input'>[] {
    return this.#lines.slice(-most);
  }

  /** Content of the `history_reply` to a request. */
  answer(request: Json): Json {
    return historyReply(this.#lines, request);
  }
}
