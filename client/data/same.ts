/** True when both say the same as JSON: for small derived lists, so that an equal result rebuilds nothing on the page. */
export const sameJson = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
