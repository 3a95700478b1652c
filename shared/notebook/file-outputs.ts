/**
 * Outputs between the page and the file: what a reader sees ↔ nbformat's four output types. What a file cannot say
 * (display ids, where the whole of a cut stream is) is left out on the way there.
 */
import type { FileOutput } from './format.ts';
import type { CellError, Output, StackFrame } from './outputs.ts';
import { uncaughtText } from './uncaught.ts';

/** One shown output as nbformat. */
export function toFileOutput(output: Output): FileOutput {
  switch (output.type) {
    case 'stream':
      return { output_type: 'stream', name: output.name, text: output.text };
    case 'display':
      return { output_type: 'display_data', data: output.data, metadata: output.metadata };
    case 'result':
      return {
        output_type: 'execute_result',
        data: output.data,
        metadata: output.metadata,
        execution_count: output.count,
      };
    case 'error': {
      const { uncaught } = output;
      // Programs take an `error` in a file for a cell that failed.
      if (uncaught) return { output_type: 'stream', name: 'stderr', text: uncaughtText(output.error, uncaught.cell) };
      const { name, message } = output.error;
      return { output_type: 'error', ename: name, evalue: message, traceback: traceback(output.error) };
    }
  }
}

/** One output of a file as shown; `count` is the cell's execution count, for results that carry none. */
export function fromFileOutput(output: FileOutput, count: number | null): Output {
  switch (output.output_type) {
    case 'stream':
      return { type: 'stream', name: output.name === 'stderr' ? 'stderr' : 'stdout', text: output.text };
    case 'display_data':
      return { type: 'display', data: output.data, metadata: output.metadata };
    case 'execute_result':
      return {
        type: 'result',
        data: output.data,
        metadata: output.metadata,
        count: output.execution_count ?? count ?? 0,
      };
    case 'error':
      return { type: 'error', error: readError(output.ename, output.evalue, output.traceback) };
  }
}

function traceback(error: CellError): string[] {
  if (error.traceback) return error.traceback;
  const excerpt = error.excerpt === undefined ? [] : [error.excerpt];
  const causes = (error.causes ?? []).flatMap(({ name, message, frames }) => [
    `Caused by ${name}: ${message}`,
    ...frames.map(frameLine),
  ]);
  return [`${error.name}: ${error.message}`, ...excerpt, ...error.frames.map(frameLine), ...causes];
}

function frameLine({ cell, file, line, column, name }: StackFrame): string {
  const place = cell === undefined ? `file ${file ?? '<unknown>'}` : `cell ${cell}`;
  return `    at ${name ?? '<top>'} (${place}:${line}:${column})`;
}

const FRAME = /^ {4}at (.+) \((cell|file) (.+):(\d+):(\d+)\)$/;
const ESCAPE = String.fromCharCode(27);
const COLOUR = new RegExp(`${ESCAPE}\\[[0-9;]*m`, 'g');

/** Tracebacks of ours are read back whole; those with causes or of other kernels are kept as they are and shown as the excerpt. */
function readError(name: string, message: string, lines: string[]): CellError {
  const frames: StackFrame[] = [];
  const rest: string[] = [];
  for (const line of lines) {
    const match = FRAME.exec(line);
    if (!match) {
      rest.push(line);
      continue;
    }
    const [, at, kind, place, row, column] = match;
    frames.push({
      ...(kind === 'cell' ? { cell: place } : place === '<unknown>' ? {} : { file: place }),
      line: Number(row),
      column: Number(column),
      ...(at === '<top>' ? {} : { name: at }),
    });
  }
  const ours = rest[0] === `${name}: ${message}` && rest.length <= 2;
  if (ours) {
    const error: CellError = { name, message, frames, ...(rest[1] === undefined ? {} : { excerpt: rest[1] }) };
    if (sameLines(traceback(error), lines)) return error;
  }
  const excerpt = lines.join('\n').replace(COLOUR, '');
  return { name, message, frames: [], ...(excerpt === '' ? {} : { excerpt }), traceback: lines };
}

const sameLines = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((line, index) => line === b[index]);
