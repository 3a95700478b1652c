/**
 * Puts new content into a JSON text and leaves the rest as it stands: what says the same keeps its bytes (spelling of
 * numbers, escapes, spaces), what is new is written in the manner of what surrounds it. The text must be valid JSON.
 */
import { byCodePoint } from './json.ts';

/** A value and where it stands in the text: `[from, to)` in UTF-16 units. */
interface Node {
  kind: 'object' | 'array' | 'scalar';
  from: number;
  to: number;
  /** Of scalars only. */
  value: unknown;
  /** Of objects, in the text's order; `from` and `to` are those of the key. */
  members: { key: string; from: number; to: number; node: Node }[];
  /** Of arrays. */
  items: Node[];
}

/** How new parts are written. */
interface Style {
  /** One level of indent; null: all on one line. */
  unit: string | null;
  newline: string;
  colon: string;
  /** Between two items on one line. */
  comma: string;
  sorted: boolean;
  /** Characters that are written as `\uXXXX` though JSON does not ask for it. */
  escaped: RegExp | null;
}

/** A line's end and the indent of the next line; null: no new line is begun here. */
type Pad = string | null;

const isBag = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const entriesOf = (value: Record<string, unknown>): [string, unknown][] =>
  Object.entries(value).filter(([, item]) => item !== undefined);

/**
 * The text with `next` as its value. Undefined members of `next` are left out.
 * @param counterpart which item of the old array a new item stems from; undefined: no one says, null: it is new
 */
export function spliceJson(
  text: string,
  next: unknown,
  counterpart: (item: unknown) => number | null | undefined = () => undefined,
): string {
  const root = readTree(text);
  const style = styleOf(text, root);
  const parts: string[] = [text.slice(0, root.from)];

  const put = (node: Node, value: unknown, pad: Pad): void => {
    if (same(node, value)) parts.push(text.slice(node.from, node.to));
    else if (node.items.length > 0 && Array.isArray(value) && value.length > 0) putItems(node, value);
    else if (node.members.length > 0 && isBag(value) && entriesOf(value).length > 0 && !repeats(node)) {
      putMembers(node, value);
    } else write(value, pad, style, parts);
  };

  /** What stands before the first, between two and behind the last, and the indent inside. */
  const gapsOf = (node: Node, spans: readonly { from: number; to: number }[]) => {
    const [first, second, last] = [spans[0] ?? node, spans[1], spans.at(-1) ?? node];
    const open = text.slice(node.from + 1, first.from);
    const usual = second ? text.slice(first.to, second.from) : `,${/\s/.test(open) ? open : style.comma.slice(1)}`;
    /** As it was between two that stood side by side, as is usual here between others. */
    const between = (left: number | undefined, right: number | undefined): string => {
      const [one, other] = [spans[left ?? -1], spans[right ?? -1]];
      return one && other && right === (left ?? 0) + 1 ? text.slice(one.to, other.from) : usual;
    };
    const at = open.search(/\r?\n[ \t]*$/);
    return { open, between, close: text.slice(last.to, node.to - 1), pad: at < 0 ? null : open.slice(at) };
  };

  const putItems = (node: Node, values: readonly unknown[]): void => {
    const gaps = gapsOf(node, node.items);
    const places = new Map(node.items.map((item, index) => [item, index]));
    const paired = pair(node.items, values, counterpart);
    let last: number | undefined;
    values.forEach((value, index) => {
      const old = paired[index];
      const place = old && places.get(old);
      parts.push(index === 0 ? `[${gaps.open}` : gaps.between(last, place));
      if (old) put(old, value, gaps.pad);
      else write(value, gaps.pad, style, parts);
      last = place;
    });
    parts.push(gaps.close, ']');
  };

  const putMembers = (node: Node, bag: Record<string, unknown>): void => {
    const spans = node.members.map((member) => ({ from: member.from, to: member.node.to }));
    const gaps = gapsOf(node, spans);
    const known = new Map(node.members.map((member, index) => [member.key, { ...member, index }]));
    const values = new Map(entriesOf(bag));
    const stay = node.members.map(({ key }) => key).filter((key) => values.has(key));
    const keys = [...stay, ...[...values.keys()].filter((key) => !known.has(key))];
    if (style.sorted) keys.sort(byCodePoint);
    let last: number | undefined;
    keys.forEach((key, index) => {
      const old = known.get(key);
      parts.push(index === 0 ? `{${gaps.open}` : gaps.between(last, old?.index));
      if (old) {
        parts.push(text.slice(old.from, old.node.from));
        put(old.node, values.get(key), gaps.pad);
      } else {
        parts.push(quoted(key, style), style.colon);
        write(values.get(key), gaps.pad, style, parts);
      }
      last = old?.index;
    });
    parts.push(gaps.close, '}');
  };

  put(root, next, style.unit === null ? null : style.newline);
  parts.push(text.slice(root.to));
  return parts.join('');
}

const repeats = ({ members }: Node): boolean => new Set(members.map(({ key }) => key)).size < members.length;

function same(node: Node, value: unknown): boolean {
  if (node.kind === 'scalar') return node.value === value;
  if (node.kind === 'array') {
    return (
      Array.isArray(value) &&
      value.length === node.items.length &&
      node.items.every((item, index) => same(item, value[index]))
    );
  }
  if (!isBag(value) || repeats(node)) return false;
  const values = new Map(entriesOf(value));
  return (
    values.size === node.members.length &&
    node.members.every(({ key, node: member }) => values.has(key) && same(member, values.get(key)))
  );
}

/** For each new item the old one that it stems from: as told; else the same from both ends, and by place between. */
function pair(
  nodes: readonly Node[],
  values: readonly unknown[],
  counterpart: (item: unknown) => number | null | undefined,
): (Node | undefined)[] {
  const told = values.map(counterpart);
  if (told.some((index) => index !== undefined)) {
    return told.map((index) => (typeof index === 'number' ? nodes[index] : undefined));
  }
  const shorter = Math.min(nodes.length, values.length);
  const sameAt = (old: number, now: number): boolean => {
    const node = nodes[old];
    return node !== undefined && same(node, values[now]);
  };
  let head = 0;
  while (head < shorter && sameAt(head, head)) head++;
  let tail = 0;
  while (tail < shorter - head && sameAt(nodes.length - 1 - tail, values.length - 1 - tail)) tail++;
  return values.map((_, index) => {
    if (index >= values.length - tail) return nodes[index - values.length + nodes.length];
    return index < nodes.length - tail ? nodes[index] : undefined;
  });
}

function write(value: unknown, pad: Pad, style: Style, parts: string[]): void {
  const list = Array.isArray(value);
  if (!list && !isBag(value)) {
    parts.push(typeof value === 'string' ? quoted(value, style) : (JSON.stringify(value) ?? 'null'));
    return;
  }
  const entries: [string | null, unknown][] = list ? value.map((item: unknown) => [null, item]) : entriesOf(value);
  if (style.sorted && !list) entries.sort(([a], [b]) => byCodePoint(a ?? '', b ?? ''));
  const [open, close] = list ? '[]' : '{}';
  const inner = pad === null || style.unit === null ? null : pad + style.unit;
  entries.forEach(([key, item], index) => {
    parts.push(index === 0 ? `${open}${inner ?? ''}` : inner === null ? style.comma : `,${inner}`);
    if (key !== null) parts.push(quoted(key, style), style.colon);
    write(item, inner, style, parts);
  });
  if (entries.length === 0) parts.push(`${open}${close}`);
  else parts.push(inner === null ? '' : (pad ?? ''), close ?? '');
}

function quoted(value: string, { escaped }: Style): string {
  const plain = JSON.stringify(value);
  if (!escaped) return plain;
  return plain.replace(escaped, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function styleOf(text: string, root: Node): Style {
  const [first, second] = root.members;
  const indent = first && /(\r?\n)([ \t]*)$/.exec(text.slice(root.from, first.from));
  const between = first && second ? text.slice(first.node.to, second.from) : ', ';
  return {
    unit: indent ? (indent[2] ?? '') : null,
    newline: indent?.[1] ?? '\n',
    colon: first ? text.slice(first.to, first.node.from) : ': ',
    comma: indent ? ', ' : between,
    sorted: isSorted(root),
    escaped: escapedIn(text),
  };
}

const isSorted = ({ members, items }: Node): boolean =>
  members.every(({ key }, index) => index === 0 || byCodePoint(members[index - 1]?.key ?? '', key) <= 0) &&
  members.every(({ node }) => isSorted(node)) &&
  items.every(isSorted);

/** Some programs escape all that is not ASCII, some also what HTML might take for a mark. */
function escapedIn(text: string): RegExp | null {
  const found = new Set<number>();
  for (const [whole, code] of text.matchAll(/\\(?:u([0-9a-fA-F]{4})|.)/g)) {
    const unit = code === undefined ? Number.NaN : Number.parseInt(code, 16);
    const needed = unit < 0x20 || unit === 0x22 || unit === 0x5c || (unit >= 0xd800 && unit <= 0xdfff);
    if (whole.length === 6 && !needed) found.add(unit);
  }
  const marks = [...found].filter((unit) => unit < 0x80).map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`);
  const ascii = [...found].some((unit) => unit >= 0x80) && !HIGH.test(text);
  if (marks.length === 0 && !ascii) return null;
  return new RegExp(`[${marks.join('')}${ascii ? '\\u0080-\\uffff' : ''}]`, 'g');
}

const HIGH = /[\u0080-\ufefe\uff00-\uffff]/;
const SPACE = /[ \t\n\r]*/y;
const PLAIN = /[^,\]}\s]+/y;

function isEscaped(text: string, at: number): boolean {
  let slashes = 0;
  while (text[at - 1 - slashes] === '\\') slashes++;
  return slashes % 2 === 1;
}

function readTree(text: string): Node {
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  const eat = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0] ?? '';
    at += found.length;
    return found;
  };
  // Strings may be of many megabytes: no expression is made to remember each character.
  const string = (): string => {
    const from = at;
    do {
      at = text.indexOf('"', at + 1);
    } while (isEscaped(text, at));
    at++;
    return String(JSON.parse(text.slice(from, at)));
  };
  const read = (): Node => {
    eat(SPACE);
    const from = at;
    const char = text[at];
    const node: Node = { kind: 'scalar', from, to: from, value: undefined, members: [], items: [] };
    if (char === '{' || char === '[') {
      node.kind = char === '{' ? 'object' : 'array';
      at++;
      for (eat(SPACE); text[at] !== '}' && text[at] !== ']'; eat(SPACE)) {
        if (text[at] === ',') {
          at++;
          continue;
        }
        if (char === '[') {
          node.items.push(read());
          continue;
        }
        const begins = at;
        const key = string();
        const ends = at;
        eat(SPACE);
        at++;
        node.members.push({ key, from: begins, to: ends, node: read() });
      }
      at++;
    } else node.value = char === '"' ? string() : JSON.parse(eat(PLAIN));
    node.to = at;
    return node;
  };
  return read();
}
