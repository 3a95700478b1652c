/**
 * Sets code as everyone sets it, or says where it cannot be read. The formatter is large and seldom wanted: it is fetched
 * when it is first asked for.
 */

/** `problem` says what is wrong; 1-based place of it in the text. */
export type Formatted =
  | { kind: 'formatted'; text: string }
  | { kind: 'unreadable'; problem: string; line: number; column: number };

const STYLE = { printWidth: 100, singleQuote: true, endOfLine: 'lf' } as const;

/** Formats the TypeScript of one cell. The text of a cell ends without an empty line. */
export async function formatCode(source: string): Promise<Formatted> {
  const [{ format }, babel, estree] = await Promise.all([
    import('prettier/standalone'),
    import('prettier/plugins/babel'),
    import('prettier/plugins/estree'),
  ]);
  const set = (parser: '__ts_expression' | 'babel-ts'): Promise<string> =>
    format(source, { ...STYLE, parser, plugins: [babel.default, estree.default] });
  const text = source.trim();
  if (text === '') return { kind: 'formatted', text: '' };
  if (text.startsWith('{') && text.endsWith('}')) {
    // Braces alone in a cell are a value, as the kernel reads them; only what is none is a block.
    const value = await set('__ts_expression').catch(() => null);
    if (value !== null) return { kind: 'formatted', text: value.trimEnd() };
  }
  try {
    return { kind: 'formatted', text: (await set('babel-ts')).trimEnd() };
  } catch (error) {
    return unreadable(error);
  }
}

function unreadable(error: unknown): Formatted {
  const message = error instanceof Error ? error.message : String(error);
  const start: unknown = error instanceof Error && 'loc' in error ? placeOf(error.loc) : undefined;
  const { line, column } = isPlace(start) ? start : { line: 1, column: 1 };
  // The formatter adds the place and the lines around it, which the page shows in its own way.
  const problem = (message.split('\n')[0] ?? message).replace(/ \(\d+:\d+\)$/, '');
  return { kind: 'unreadable', problem, line, column };
}

const placeOf = (loc: unknown): unknown =>
  typeof loc === 'object' && loc !== null && 'start' in loc ? loc.start : loc;

const isPlace = (place: unknown): place is { line: number; column: number } =>
  typeof place === 'object' &&
  place !== null &&
  'line' in place &&
  'column' in place &&
  typeof place.line === 'number' &&
  typeof place.column === 'number';
