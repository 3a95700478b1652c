/**
 * Upper and lower case made the same, by a table of its own: every evaluator of filters must agree, and what `lower()`
 * does depends on a database's locale. ASCII, Latin-1, Latin Extended-A, Greek and Cyrillic capitals are folded.
 */

/** Capitals beyond ASCII and, at the same places, their small letters; no small letter is ASCII. */
export const [CAPITALS, SMALL] = table();

const small = new Map([...CAPITALS].map((capital, index) => [capital, [...SMALL][index] ?? capital]));

export const fold = (text: string): string =>
  text.replace(/[A-Z]|[^\0-\x7f]/g, (letter) =>
    letter < '\x80' ? letter.toLowerCase() : (small.get(letter) ?? letter),
  );

/** True when `text` holds `part`, in upper or lower case. */
export const holds = (text: string, part: string): boolean => fold(text).includes(fold(part));

function table(): [string, string] {
  const pairs: [string, string][] = [];
  for (const [from, to] of [
    [0xc0, 0x17f],
    [0x386, 0x3ab],
    [0x400, 0x42f],
  ] as const) {
    for (let code = from; code <= to; code++) {
      const capital = String.fromCharCode(code);
      const lower = capital.toLowerCase();
      if (lower !== capital && lower.length === 1 && lower > '\x7f') pairs.push([capital, lower]);
    }
  }
  return [pairs.map(([capital]) => capital).join(''), pairs.map(([, lower]) => lower).join('')];
}
