/** Samples of the machine in words: what each is called, in which unit it is read, and what comes first. */
import { figure } from '../../components/figures.ts';
import { titleOf } from '../curves/metrics.ts';

const SYSTEM = 'system/';
const UNITS = ['bytes', 'KB', 'MB', 'GB', 'TB'];
/** What people look for first. */
const ORDER = [/\/gpu\//, /\/cpu$/, /\/memory$/, /\/machine_memory$/, /\/load$/, /\/disk_/, /\/network_/];

/** What a sample is called, e.g. `Processor` for `system/cpu`. */
export function resourceName(key: string): string {
  if (key === 'system/cpu') return 'Processor';
  const card = /^system\/gpu\/(\d+)\/(.+)$/.exec(key);
  return card ? `GPU ${card[1]} ${card[2]?.replaceAll('_', ' ')}` : titleOf(key.slice(SYSTEM.length));
}

/** A value as people read it; units are those of `kernel/process/usage/samples.ts`, and else what the name says of them. */
export function written(key: string, value: number): { value: string; unit: string } {
  if (/\/cpu$|percent|_pct$|utili/i.test(key)) return { value: figure(value, 3), unit: '%' };
  if (/\/power$/.test(key)) return { value: figure(value, 3), unit: 'W' };
  if (/\/temperature$/.test(key)) return { value: figure(value, 3), unit: '°C' };
  if (!/bytes|memory|disk|rss|heap|network/i.test(key)) return { value: figure(value, 3), unit: '' };
  const size = Math.abs(value);
  const power = size < 1024 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log(size) / Math.log(1024)));
  const flow = /disk_|network_|rate|per_s$/i.test(key) ? '/s' : '';
  return { value: figure(value / 1024 ** power, 3), unit: `${UNITS[power]}${flow}` };
}

/** Order of rows: the graphics card and the processor before the memory, disk and network last. */
export function bySubject(a: string, b: string): number {
  const rank = (key: string): number => {
    const at = ORDER.findIndex((subject) => subject.test(key));
    return at < 0 ? ORDER.length : at;
  };
  return rank(a) - rank(b) || a.localeCompare(b, 'en', { numeric: true });
}
