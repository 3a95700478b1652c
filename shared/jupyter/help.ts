/** `x?` and `?x`, which are no TypeScript, ask for help on x, as they do in IPython. */
const HELP = /^\s*(?:\?\s*([\p{ID_Continue}$.[\]'"]+)|([\p{ID_Continue}$.[\]'"]+)\s*\?)\s*;?\s*$/u;

/** The expression that a cell asks about, if that is all it does. */
export function helpOn(code: string): string | undefined {
  if (!code.includes('?')) return undefined;
  const asked = HELP.exec(code);
  return asked?.[1] ?? asked?.[2];
}
