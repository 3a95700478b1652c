/** Flags above a rule that stand too near to each other to be read are one flag. Pure. */

export interface Flag {
  id: string;
  /** Where it stands, in the units of the rule. */
  at: number;
  label: string;
  title: string;
}

/** Flags that are drawn as one, the first in front. */
export interface FlagGroup {
  /** Where it is drawn: at the first of them. */
  at: number;
  flags: readonly Flag[];
}

/**
 * Joins each flag with those that begin less than `gap` after the first of its group, in order of place.
 * @param gap in the units of the rule; 0 leaves all apart that do not stand at one place
 */
export function groupFlags(flags: readonly Flag[], gap: number): FlagGroup[] {
  const groups: { at: number; flags: Flag[] }[] = [];
  for (const flag of flags.toSorted((a, b) => a.at - b.at)) {
    const last = groups.at(-1);
    if (last && (flag.at === last.at || flag.at - last.at < gap)) last.flags.push(flag);
    else groups.push({ at: flag.at, flags: [flag] });
  }
  return groups;
}

/** `7`, or `7+2` where two others stand behind it. */
export const flagText = ({ flags }: FlagGroup): string =>
  flags.length > 1 ? `${flags[0]?.label ?? ''}+${flags.length - 1}` : (flags[0]?.label ?? '');
