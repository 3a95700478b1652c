/** Numbers in the address of a room. Pure. */

/** A parameter of the address; only a plain number in range counts. */
export function numberIn(text: string | undefined, least: number, most: number): number | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  const value = Number(text);
  return Number.isFinite(value) && value >= least && value <= most ? value : undefined;
}

/** `1,4-6` → 1, 4, 5, 6. What makes no sense is passed over; ranges beyond 10,000 end there. */
export function numbersIn(text: string | undefined): Set<number> {
  const found = new Set<number>();
  for (const part of (text ?? '').split(',')) {
    const match = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(part);
    if (!match) continue;
    const from = Number(match[1]);
    const to = Math.min(Number(match[2] ?? from), from + 10_000);
    for (let number = from; number <= to; number++) found.add(number);
  }
  return found;
}

/** The shortest text that {@link numbersIn} reads back. */
export function numbersText(numbers: Iterable<number>): string {
  const sorted = [...new Set(numbers)].sort((a, b) => a - b);
  const parts: string[] = [];
  for (let start = 0; start < sorted.length; ) {
    let end = start;
    while (sorted[end + 1] === (sorted[end] ?? 0) + 1) end++;
    parts.push(end > start ? `${sorted[start]}-${sorted[end]}` : `${sorted[start]}`);
    start = end + 1;
  }
  return parts.join(',');
}
