/** Printed text as numbered lines of a log. */
import type { LogLine } from '../trial/trial.ts';

/** Characters of a line that are kept. */
const LINE_KEPT = 4000;

type Stream = LogLine['stream'];

export class Lines {
  #seq = 0;
  readonly #partial: Record<Stream, string> = { stdout: '', stderr: '' };

  /** Takes text in; returns the lines that it completes. `at`: ms since the epoch. */
  add(stream: Stream, text: string, at: number): LogLine[] {
    const lines = (this.#partial[stream] + text).split('\n');
    // A progress bar that never ends its line is kept short; what a carriage return wrote over is not shown anyway.
    this.#partial[stream] = (lines.pop() ?? '').slice(-2 * LINE_KEPT);
    return lines.map((line) => this.#line(stream, line, at));
  }

  /** The lines that were begun and not ended. */
  end(at: number): LogLine[] {
    const streams: Stream[] = ['stdout', 'stderr'];
    const left = streams.filter((stream) => this.#partial[stream] !== '');
    return left.map((stream) => {
      const line = this.#line(stream, this.#partial[stream], at);
      this.#partial[stream] = '';
      return line;
    });
  }

  #line(stream: Stream, line: string, at: number): LogLine {
    const ended = line.endsWith('\r') ? line.slice(0, -1) : line;
    const text = ended.slice(ended.lastIndexOf('\r') + 1);
    return { seq: ++this.#seq, at, stream, text: text.length > LINE_KEPT ? `${text.slice(0, LINE_KEPT)}…` : text };
  }
}
