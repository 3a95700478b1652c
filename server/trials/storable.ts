/** PostgreSQL text and jsonb hold no NUL and no lone surrogates, but programs print and name things with both. */

/** The text with what PostgreSQL refuses replaced by U+FFFD. */
export const storableText = (text: string): string => text.replaceAll('\0', '\uFFFD').toWellFormed();

/** A JSON value, with every string in it (keys too) made storable. What is not JSON becomes null, as in `JSON.stringify`. */
export function storable(value: unknown): unknown {
  if (typeof value === 'string') return storableText(value);
  if (Array.isArray(value)) return value.map(storable);
  if (typeof value === 'object' && value !== null) return storableRecord(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  return typeof value === 'boolean' ? value : null;
}

/** {@link storable} for an object. */
export function storableRecord(value: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .map(([key, inner]) => [storableText(key), storable(inner)]),
  );
}
