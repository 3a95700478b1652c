import { figure } from './figures.ts';

/** A value of a parameter or a summary, on one line: a list with commas, nothing in the way of a machine's brackets. */
export function plainValue(value: unknown): string {
  if (typeof value === 'number') return figure(value, 5);
  if (typeof value === 'string') return value;
  if (value === null) return 'none';
  if (Array.isArray(value) && value.every((one) => one === null || typeof one !== 'object'))
    return value.map(plainValue).join(', ');
  return JSON.stringify(value) ?? String(value);
}

/** Names beside their values, those within others as `optim.lr`. */
export function flatRows(values: Readonly<Record<string, unknown>>, before = ''): [string, unknown][] {
  return Object.entries(values).flatMap(([name, value]): [string, unknown][] => {
    const whole = before + name;
    const within = typeof value === 'object' && value !== null && !Array.isArray(value);
    return within && Object.keys(value).length > 0
      ? flatRows(value as Record<string, unknown>, `${whole}.`)
      : [[whole, value]];
  });
}
