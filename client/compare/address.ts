/** What the address of a comparison says: which trials, by which metric, and what is unfolded. All of the view is in it. */

/** Parameters of the address, as the router gives them. */
export type CompareSearch = {
  trials?: string;
  metric?: string;
  by?: string;
  evaluation?: string;
  /** Place of the trial that the others are held against. */
  base?: string;
  /** Place of the trial whose code and outputs are held against it. */
  with?: string;
  /** `all`: rows that do not differ are shown too. */
  rows?: string;
};

export const idsOf = (text: string | undefined): string[] => [
  ...new Set((text ?? '').split(',').filter((id) => id !== '')),
];

/** A place within `count`, or `otherwise`. */
export function placeOf(text: string | undefined, count: number, otherwise: number): number {
  const place = Number(text);
  return text !== undefined && Number.isInteger(place) && place >= 0 && place < count ? place : otherwise;
}

/** Address of a comparison of these trials. */
export const compareHref = (ids: readonly string[]): string =>
  `/compare?trials=${ids.map(encodeURIComponent).join(',')}`;
