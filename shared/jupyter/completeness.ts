/**
 * Is a text a whole cell, one that goes on, or one that can never be? Asked by consoles on each Enter. A parser says what
 * it missed; if that was at the very end, more may come. The parser (oxc's) is handed in: nothing here loads one.
 */

/** Answer of `is_complete_request`. */
export type Completeness = { status: 'complete' | 'invalid' | 'unknown' } | { status: 'incomplete'; indent: string };

/** What a parser finds wrong; offsets in UTF-16 units. */
export interface Fault {
  message: string;
  labels: { start: number; end: number }[];
}

/** Parses a module; the ending of `file` says what may stand in it. */
export type ParseFaults = (file: 'cell.ts' | 'cell.tsx', code: string) => Fault[];

const INDENT = '  ';

/** Whether a text can be run as it is, as `is_complete_request` asks. */
export function completeness(code: string, parse: ParseFaults): Completeness {
  const end = code.trimEnd().length;
  if (end === 0) return { status: 'complete' };
  const faults = faultsOf(code, parse);
  if (faults.length === 0) return { status: 'complete' };
  const open = faults.some(({ message, labels }) => {
    const [label] = labels;
    if (/^Unterminated multiline comment/.test(message)) return true;
    // A template may span lines; a quoted text may not.
    if (/^Unterminated/.test(message)) return label !== undefined && code[label.start] === '`';
    if (/^(?:Missing (?:catch|initializer)|Identifier expected after)/.test(message))
      return label === undefined || label.end >= end;
    return label !== undefined && label.start >= end;
  });
  return open ? { status: 'incomplete', indent: indentAfter(code) } : { status: 'invalid' };
}

/** JSX only where it helps: `<T>x` is a cast, too. */
function faultsOf(code: string, parse: ParseFaults): Fault[] {
  const faults = parse('cell.ts', code);
  return faults.length > 0 && parse('cell.tsx', code).length === 0 ? [] : faults;
}

/** The indentation of the last line, and one more where it opens a bracket. */
function indentAfter(code: string): string {
  const last = code.trimEnd().split('\n').at(-1) ?? '';
  const own = /^[ \t]*/.exec(last)?.[0] ?? '';
  return /[{([]$|=>$/.test(last) ? own + INDENT : own;
}
