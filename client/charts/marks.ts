/** What stands at a step of a trial besides its figures: threads, alerts, events, checkpoints. Drawn over every curve. */

/** Places are in steps; `from` and `to` are equal for a single step. */
export interface Mark {
  id: string;
  /** A few letters at most: a thread's number, or a sign. */
  label: string;
  from: number;
  to: number;
  kind: 'thread' | 'alert' | 'event' | 'checkpoint';
  /** Read when it is pointed at; absent: the label. */
  title?: string;
}

/** A mark where it is drawn: on whatever axis the figure has. */
export interface PlacedMark extends Mark {
  x: number;
  end: number;
}

/**
 * Puts marks on an axis that is not of steps: each goes to the x of the nearest point there is at or after its step. Marks
 * of steps where nothing was logged are left out.
 * @param steps ascending, `xs` beside them
 */
export function placeMarks(
  marks: readonly Mark[],
  steps: readonly number[] | null,
  xs: readonly number[] | null,
): PlacedMark[] {
  if (!steps || !xs) return marks.map((mark) => ({ ...mark, x: mark.from, end: mark.to }));
  const at = (step: number): number | undefined => {
    const index = steps.findIndex((other) => other >= step);
    return xs[index < 0 ? steps.length - 1 : index];
  };
  return marks.flatMap((mark) => {
    const x = at(mark.from);
    const end = at(mark.to);
    return x === undefined || end === undefined || !Number.isFinite(x) || !Number.isFinite(end)
      ? []
      : [{ ...mark, x, end }];
  });
}
