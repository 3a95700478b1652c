/** All points of a trial as text, metric by metric, a piece at a time: what is held is never more than a shelf's worth. */
import { toWire } from '@trialroom/shared/trial/points';
import type { Database } from '../database/database.ts';
import { capture, chunkPoints, type Hosted } from './capture.ts';
import { decodePoints } from './chunk.ts';
import { SHELF } from './entities.ts';
import { joined, type Points, slice } from './points.ts';

/** `csv`: with a line of names first · `jsonl`: one object a line, what JSON has no number for as a word. */
export type ExportFormat = 'csv' | 'jsonl';

/** Points of a piece of text. */
const AT_ONCE = 4096;

/** Every point that is stored of a trial, exactly; those of a metric roughly in the order they came. */
export async function* exportText(
  db: Database,
  hosted: Hosted,
  trial: string,
  format: ExportFormat,
): AsyncGenerator<string> {
  if (format === 'csv') yield 'metric,step,wall,value\n';
  for (let shelf = 0, names = 1; shelf * SHELF < names; shelf++) {
    const metrics = await capture(db, hosted, [trial], (state) => {
      names = state.names.length;
      const size = Math.max(0, Math.min(SHELF, names - shelf * SHELF));
      return Array.from({ length: size }, (_, i) => shelf * SHELF + i);
    });
    for (const metric of metrics) {
      const line = format === 'csv' ? csvLine(metric.key) : jsonLine(metric.key);
      for await (const points of chunkPoints(db, metric, decodePoints)) yield text(points, line);
      const loose = joined(metric.loose);
      for (let at = 0; at < loose.steps.length; at += AT_ONCE) yield text(slice(loose, at, at + AT_ONCE), line);
    }
  }
}

type Line = (step: number, wall: number, value: number) => string;

function csvLine(key: string): Line {
  const name = `"${key.replaceAll('"', '""')}"`;
  return (step, wall, value) => `${name},${step},${wall},${value}\n`;
}

function jsonLine(key: string): Line {
  const name = JSON.stringify(key);
  return (step, wall, value) =>
    `{"metric":${name},"step":${step},"wall":${wall},"value":${JSON.stringify(toWire(value))}}\n`;
}

function text({ steps, walls, values }: Points, line: Line): string {
  let all = '';
  for (let i = 0; i < steps.length; i++) all += line(steps[i] ?? 0, walls[i] ?? 0, values[i] ?? Number.NaN);
  return all;
}
