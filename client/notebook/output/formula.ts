/** Tells a formula from text that has formulas in it. */

/** The formula that `text/latex` is, without the signs around it; null for prose. */
export function formulaIn(source: string): string | null {
  const text = source.trim();
  const inner =
    /^\$\$([^$]*)\$\$$/s.exec(text)?.[1] ?? /^\$([^$]*)\$$/s.exec(text)?.[1] ?? /^\\\[(.*)\\\]$/s.exec(text)?.[1];
  if (inner !== undefined) return inner.trim();
  return text.replaceAll('\\$', '').includes('$') ? null : text;
}
