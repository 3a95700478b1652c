/**
 * Mentions in a message: stored as `@[name](person id)`, so that they hold when someone changes their name; written and
 * read by people as `@name`.
 */

/** Someone who can be mentioned. */
export interface Mentioned {
  id: string;
  name: string;
}

/** One mention at the start of a text, as stored: the whole, the name, the person's id. */
export const MENTION = /^@\[([^\]\n]{1,80})\]\(([\w-]{1,40})\)/;
const ALL = new RegExp(MENTION.source.slice(1), 'g');

/** A mention as stored. Brackets in the name would end it and are left out. */
export const mentionOf = ({ id, name }: Mentioned): string => `@[${name.replace(/[[\]\n]/g, '')}](${id})`;

/** Who a stored text mentions, each once, in order. */
export function mentionsIn(text: string): Mentioned[] {
  const found = new Map<string, Mentioned>();
  for (const [, name = '', id = ''] of text.matchAll(ALL)) if (!found.has(id)) found.set(id, { id, name });
  return [...found.values()];
}

/** A stored text as people read it: `@name`. */
export const readable = (text: string): string => text.replace(ALL, (_whole, name: string) => `@${name}`);

/** What a person has written, with `@name` of those they picked stored as mentions; longer names go first. */
export function storable(text: string, picked: readonly Mentioned[]): string {
  const named = picked.filter(({ name }) => name !== '').sort((a, b) => b.name.length - a.name.length);
  if (named.length === 0) return text;
  const pattern = new RegExp(`@(${named.map(({ name }) => escaped(name)).join('|')})(?![\\p{L}\\p{N}_])`, 'gu');
  return text.replace(pattern, (whole, name: string) => {
    const person = named.find((one) => one.name === name);
    return person ? mentionOf(person) : whole;
  });
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
