/** What folded headings put out of sight. Pure: levels and folds in, hidden cells out. */

/** What folding needs to know of a cell, from top to bottom. */
export interface Section {
  id: string;
  /** Level of its first heading, 1 to 6; null for a cell without one. */
  level: number | null;
  folded: boolean;
}

/** For each cell that is out of sight, the outermost folded heading above it. */
export function foldedAway(sections: readonly Section[]): ReadonlyMap<string, string> {
  const hidden = new Map<string, string>();
  let under: Section | null = null;
  for (const section of sections) {
    if (under && section.level !== null && section.level <= (under.level ?? 0)) under = null;
    if (under) hidden.set(section.id, under.id);
    else if (section.folded && section.level !== null) under = section;
  }
  return hidden;
}
