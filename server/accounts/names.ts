/** Friendly names for people who have not said theirs: a colour or stone and a bird, as on a field sheet. */
import { randomInt } from 'node:crypto';

const FIRST = [
  'Amber',
  'Basalt',
  'Cobalt',
  'Copper',
  'Coral',
  'Flint',
  'Indigo',
  'Ivory',
  'Jade',
  'Ochre',
  'Opal',
  'Pearl',
  'Russet',
  'Sienna',
  'Slate',
  'Umber',
];
const SECOND = [
  'Avocet',
  'Curlew',
  'Dipper',
  'Finch',
  'Heron',
  'Ibis',
  'Kestrel',
  'Lark',
  'Martin',
  'Plover',
  'Robin',
  'Swift',
  'Tern',
  'Wagtail',
  'Wren',
  'Siskin',
];

/** e.g. `Amber Finch`; `taken` names are avoided while there are others. */
export function friendlyName(taken: ReadonlySet<string>): string {
  const free = FIRST.flatMap((first) => SECOND.map((second) => `${first} ${second}`)).filter(
    (name) => !taken.has(name),
  );
  const pick = free[randomInt(Math.max(1, free.length))];
  return pick ?? `${FIRST[randomInt(FIRST.length)]} ${SECOND[randomInt(SECOND.length)]} ${randomInt(100, 1000)}`;
}
