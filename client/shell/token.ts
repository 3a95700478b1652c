/** The token in what someone pasted: a sign-in address, or the token by itself. Null when there is none. */
export function tokenIn(pasted: string): string | null {
  const text = pasted.trim();
  const found = /[?&]token=([\w.~-]+)/.exec(text)?.[1] ?? text;
  return /^[\w.~-]{8,200}$/.test(found) ? found : null;
}
