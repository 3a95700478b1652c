/** Places in a text: Jupyter counts code points, JavaScript and editors count UTF-16 units. */

/** Offset in UTF-16 units of a place counted in code points; what lies outside is brought to the nearest end. */
export function toUnits(text: string, codePoints: number): number {
  let units = 0;
  for (let left = codePoints; left > 0 && units < text.length; left--)
    units += (text.codePointAt(units) ?? 0) > 0xffff ? 2 : 1;
  return units;
}

/** Place counted in code points of an offset in UTF-16 units; one inside of a code point counts it. */
export function toCodePoints(text: string, units: number): number {
  const end = Math.min(units, text.length);
  let count = 0;
  for (let at = 0; at < end; count++) at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  return count;
}
