/** Where cells are on the sheet, and what stands in for those that are not drawn. Pure. */

/** A cell's place: from the top, and px from the top of the window. */
export interface Box {
  id: string;
  index: number;
  top: number;
  bottom: number;
}

/** Places in the order shown, from and to (exclusive). */
export type Range = readonly [number, number];

/**
 * How high what is not drawn is before each cell that is, and at the end (null). Nought is left out.
 * @param heightOf the height of a cell that is not drawn, in px
 */
export function gapsOf(
  shown: readonly string[],
  drawn: ReadonlySet<string>,
  heightOf: (id: string) => number,
): Map<string | null, number> {
  const gaps = new Map<string | null, number>();
  let sum = 0;
  for (const id of shown) {
    if (!drawn.has(id)) {
      sum += heightOf(id);
      continue;
    }
    if (sum > 0) gaps.set(id, sum);
    sum = 0;
  }
  if (sum > 0) gaps.set(null, sum);
  return gaps;
}

/**
 * The cells that are on the screen or within each margin of it.
 * @param boxes all cells, from top to bottom
 * @param height of the window, in px
 */
export function rangesAt<const Margins extends readonly number[]>(
  boxes: readonly Box[],
  height: number,
  margins: Margins,
): { -readonly [K in keyof Margins]: Range } {
  const ranges = margins.map((margin): Range => {
    const from = boxes.findIndex(({ bottom }) => bottom > -margin);
    if (from < 0) return [boxes.length, boxes.length];
    const to = boxes.findIndex(({ top }, index) => index >= from && top >= height + margin);
    return [from, to < 0 ? boxes.length : to];
  });
  return ranges as { -readonly [K in keyof Margins]: Range };
}

/** The cell at `y`; the first or last where there is none. */
export const boxAt = (boxes: readonly Box[], y: number): Box | undefined =>
  boxes.find(({ bottom }) => bottom > y) ?? boxes.at(-1);

/** How high a cell may be that was never drawn, in px: near enough for a scroll bar that does not jump. */
export function roughHeight(text: string, hasOutputs: boolean): number {
  let lines = 1;
  for (let at = text.indexOf('\n'); at >= 0 && lines < 200; at = text.indexOf('\n', at + 1)) lines++;
  return 40 + 20 * lines + (hasOutputs ? 160 : 0);
}
