/** Nested values of one call of `log` as metrics with names joined by points, as W&B names them. */

export interface Flat {
  /** Figures by name. */
  figures: Record<string, number>;
  /** Pictures, histograms and tables by name. */
  media: [string, object][];
  /** What is neither: texts. They say how something is, not how it goes, and belong to the summary. */
  texts: Record<string, unknown>;
}

/** Deepest nesting that is followed; deeper is a circle, or no metric. */
const DEEPEST = 16;

/**
 * Flattens. Booleans count as 0 and 1; null and undefined are left out.
 * @throws TypeError for what can be neither drawn nor kept: a tensor, a function, an array that is no medium
 */
export function flatten(values: Readonly<Record<string, unknown>>, isMedium: (value: object) => boolean): Flat {
  const flat: Flat = { figures: {}, media: [], texts: {} };
  add(flat, '', values, 0, isMedium);
  return flat;
}

function add(flat: Flat, prefix: string, values: object, depth: number, isMedium: (value: object) => boolean): void {
  if (depth > DEEPEST) throw new TypeError(`log: "${prefix}" is nested more than ${DEEPEST} deep`);
  for (const [key, value] of Object.entries(values)) {
    const name = prefix === '' ? key : `${prefix}.${key}`;
    if (typeof value === 'number') flat.figures[name] = value;
    else if (typeof value === 'boolean' || typeof value === 'bigint') flat.figures[name] = Number(value);
    else if (typeof value === 'string') flat.texts[name] = value;
    else if (value === null || value === undefined) continue;
    else if (typeof value !== 'object') throw new TypeError(`log: "${name}" is a ${typeof value}; give a number`);
    else if (isMedium(value)) flat.media.push([name, value]);
    else if ('dataSync' in value)
      throw new TypeError(`log: "${name}" is a tensor; give its value, e.g. (await it.data())[0]`);
    else if (Array.isArray(value) || ArrayBuffer.isView(value)) {
      throw new TypeError(`log: "${name}" is an array; give a number, or new Histogram(it)`);
    } else add(flat, name, value, depth + 1, isMedium);
  }
}
