/** Puts parameters into the paths of `shared/api`. */

const fields = (value: unknown): [string, unknown][] =>
  typeof value === 'object' && value !== null ? Object.entries(value) : [];

/**
 * Fills `{name}` parts, percent-encoded.
 * @throws Error when a part has no value
 */
export function fillPath(path: string, params: unknown): string {
  const values = new Map(fields(params));
  return path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values.get(name);
    if (value === undefined) throw new Error(`${path} needs a value for "${name}"`);
    return encodeURIComponent(String(value));
  });
}

/** `?a=1&b=2`, or nothing; undefined values are left out. */
export function queryString(query: unknown): string {
  const search = new URLSearchParams();
  for (const [name, value] of fields(query)) if (value !== undefined) search.set(name, String(value));
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
}
