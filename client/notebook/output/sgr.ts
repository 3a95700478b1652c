/** The colours and weights of a terminal (SGR): what is in force, and what a sequence makes of it. Pure. */

/** A colour with a name is drawn in ours; others are as they were asked for. */
export type Colour = { name: string } | { rgb: readonly [number, number, number] };

/** How what comes next is to look. */
export interface Style {
  readonly fg: Colour | null;
  readonly bg: Colour | null;
  readonly bold: boolean;
  readonly faint: boolean;
  readonly italic: boolean;
  readonly underline: boolean;
  readonly overline: boolean;
  readonly strike: boolean;
  readonly conceal: boolean;
  readonly inverse: boolean;
}

export const PLAIN: Style = {
  ...{ fg: null, bg: null, bold: false, faint: false, italic: false, underline: false },
  ...{ overline: false, strike: false, conceal: false, inverse: false },
};

const NAMES = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'];

/** What single numbers change. */
const CHANGES = new Map<number, Partial<Style>>([
  [1, { bold: true }],
  [2, { faint: true }],
  [3, { italic: true }],
  [4, { underline: true }],
  [7, { inverse: true }],
  [8, { conceal: true }],
  [9, { strike: true }],
  // Doubly underlined.
  [21, { underline: true }],
  [22, { bold: false, faint: false }],
  [23, { italic: false }],
  [24, { underline: false }],
  [27, { inverse: false }],
  [28, { conceal: false }],
  [29, { strike: false }],
  [39, { fg: null }],
  [49, { bg: null }],
  [53, { overline: true }],
  [55, { overline: false }],
]);
NAMES.forEach((name, index) => {
  CHANGES.set(30 + index, { fg: { name } });
  CHANGES.set(40 + index, { bg: { name } });
  CHANGES.set(90 + index, { fg: { name: `bright-${name}` } });
  CHANGES.set(100 + index, { bg: { name: `bright-${name}` } });
});

/** The style after a sequence with these numbers, e.g. `1;38;5;208`; parts of one may be joined by colons. */
export function styled(before: Style, numbers: string): Style {
  let style = before;
  // `4:3` is an underline of another kind, and `38:2::1:2:3` has a colour space between: neither is more than the plain one.
  const groups = numbers.split(';').map((group) => group.split(':'));
  for (let at = 0; at < groups.length; at++) {
    const group = groups[at] ?? [];
    const number = Number(group[0] || '0');
    if (number === 0) style = PLAIN;
    else if (number === 4 && group[1] === '0') style = { ...style, underline: false };
    else if (number === 38 || number === 48 || number === 58) {
      const joined = group.length > 1;
      const mode = joined ? group[1] : groups[at + 1]?.[0];
      const length = mode === '5' ? 1 : mode === '2' ? 3 : 0;
      const after = joined ? group.slice(2) : groups.slice(at + 2, at + 2 + length).map(([one]) => one);
      const given = after.slice(-length);
      if (!joined) at += 1 + length;
      const colour = given.length === length ? colourOf(given.map(Number)) : null;
      // 58 is the colour of underlines.
      if (colour && number !== 58) style = { ...style, [number === 38 ? 'fg' : 'bg']: colour };
    } else style = { ...style, ...CHANGES.get(number) };
  }
  return style;
}

/** One of 256 colours, or red, green and blue. */
function colourOf(numbers: readonly number[]): Colour | null {
  const [first = 0, green = 0, blue = 0] = numbers;
  if (!numbers.every((number) => Number.isInteger(number) && number >= 0 && number <= 255)) return null;
  if (numbers.length === 3) return { rgb: [first, green, blue] };
  if (numbers.length !== 1) return null;
  if (first < 16) return { name: `${first < 8 ? '' : 'bright-'}${NAMES[first % 8]}` };
  if (first >= 232) return { rgb: [grey(first), grey(first), grey(first)] };
  const cube = first - 16;
  return { rgb: [level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6)] };
}

const grey = (index: number): number => 8 + 10 * (index - 232);
const level = (step: number): number => (step === 0 ? 0 : 55 + 40 * step);
