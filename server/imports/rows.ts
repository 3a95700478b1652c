/**
 * Metrics in rows: CSV with a header, JSON (an array of objects), or JSON lines. A row has a step and a figure for each
 * metric; or, in long form, the name of one metric, its step and its value.
 */
import { createHash } from 'node:crypto';
import { basename } from 'node:path/posix';
import Papa from 'papaparse';
import { Refusal } from '../http/refusal.ts';
import { type ImportedFile, type ImportedRun, Series } from './imported.ts';

type Row = Record<string, unknown>;

/** Names of columns, in lower case, as other tools write them. */
const STEP = ['step', '_step', 'global_step', 'iteration', 'epoch', 'trainer/global_step'];
const WALL = ['wall_time', 'wall time', '_timestamp', 'timestamp', 'time'];
const KEY = ['key', 'metric', 'tag', 'name'];
const VALUE = ['value'];
/** Columns that count, and say nothing of how it goes. */
const SKIPPED = new Set(['_runtime', '_wandb']);

const MOST_REMARKS = 20;

export const isRowsFile = (path: string): boolean => /\.(csv|tsv|json|jsonl|ndjson)$/i.test(path);

/** @throws Refusal (422) that names the line when the file cannot be read as rows */
export function readRows({ path, bytes }: ImportedFile): ImportedRun {
  const text = new TextDecoder().decode(bytes);
  const { rows, first } = /\.(csv|tsv)$/i.test(path) ? fromCsv(path, text) : fromJson(path, text);
  const remarks: string[] = [];
  const series = new Series();
  const columns = Object.keys(Object.assign({}, ...rows.slice(0, 1000)));
  const named = (names: readonly string[]): string | undefined =>
    columns.find((column) => names.includes(column.toLowerCase()));
  const [step, wall, key, value] = [named(STEP), named(WALL), named(KEY), named(VALUE)];
  const long = key !== undefined && value !== undefined;
  const left = new Map<string, number>();
  const add = (metric: string, at: number, walls: number, given: unknown): void => {
    const figure = figureOf(given);
    if (figure === undefined) left.set(metric, (left.get(metric) ?? 0) + 1);
    else if (figure !== null) series.add(metric, at, walls, figure);
  };
  for (const [index, row] of rows.entries()) {
    const at = step === undefined ? index : figureOf(row[step]);
    if (typeof at !== 'number' || Number.isNaN(at)) {
      throw unreadable(path, index + first, `"${step}" is ${JSON.stringify(row[step ?? ''] ?? null)}, not a number`);
    }
    const walls = wall === undefined ? Number.NaN : wallOf(row[wall]);
    if (long) add(String(row[key]), at, walls, row[value]);
    else {
      for (const [metric, given] of flat(row)) {
        if (metric !== step && metric !== wall && !SKIPPED.has(metric)) add(metric, at, walls, given);
      }
    }
  }
  if (step === undefined && rows.length > 0) remarks.push(`${path} has no column named step: rows are counted from 0`);
  for (const [metric, count] of [...left].slice(0, MOST_REMARKS)) {
    remarks.push(`${path}: ${count} values of "${metric}" are no numbers, and were left out`);
  }
  const { points, began, ended } = series.done(Date.now());
  const name = basename(path).replace(/\.\w+$/, '');
  const hash = createHash('sha256').update(bytes).digest('hex');
  return { name, params: {}, points, events: [], began, ended, hash, remarks };
}

function fromCsv(path: string, text: string): { rows: Row[]; first: number } {
  const { data, errors, meta } = Papa.parse<Row>(text, { header: true, skipEmptyLines: 'greedy' });
  const wrong = errors.find(({ type }) => type === 'Quotes');
  if (wrong) throw unreadable(path, (wrong.row ?? 0) + 2, wrong.message);
  if (!meta.fields || meta.fields.length < 1) throw unreadable(path, 1, 'there is no header');
  // A row that is longer than the header has the rest under a name of the parser's own.
  for (const row of data) delete row.__parsed_extra;
  return { rows: data, first: 2 };
}

function fromJson(path: string, text: string): { rows: Row[]; first: number } {
  const trimmed = text.trim();
  if (trimmed.startsWith('[')) {
    const whole = parsed(path, 1, trimmed);
    if (Array.isArray(whole)) return { rows: whole.map((row, index) => rowOf(path, index + 1, row)), first: 1 };
  }
  const lines = text.split('\n');
  const rows = lines.flatMap((line, index) =>
    line.trim() === '' ? [] : [rowOf(path, index + 1, parsed(path, index + 1, line, index === lines.length - 1))],
  );
  return { rows, first: 1 };
}

function parsed(path: string, line: number, text: string, last = false): unknown {
  try {
    // Python writes figures that JSON has no words for.
    return JSON.parse(text.replaceAll(/(?<=[[:,]\s*)(NaN|-?Infinity)(?=\s*[,\]}])/g, '"$1"'));
  } catch (error) {
    const why = last ? 'the last line is cut, or no JSON' : (error as Error).message;
    throw unreadable(path, line, why);
  }
}

function rowOf(path: string, line: number, row: unknown): Row {
  if (typeof row === 'object' && row !== null && !Array.isArray(row)) return row as Row;
  throw unreadable(path, line, 'is no object with a step and figures');
}

/** Nested objects with their names joined by points, as W&B joins them. */
function flat(row: Row, prefix = ''): [string, unknown][] {
  return Object.entries(row).flatMap(([key, value]): [string, unknown][] => {
    const name = prefix === '' ? key : `${prefix}.${key}`;
    const nested = typeof value === 'object' && value !== null && !Array.isArray(value);
    return nested ? flat(value as Row, name) : [[name, value]];
  });
}

/** A number; null: nothing is there; undefined: it is no number. */
function figureOf(value: unknown): number | null | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return Number(value);
  if (value === null || value === undefined) return null;
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  if (text === '') return null;
  if (/^nan$/i.test(text)) return Number.NaN;
  const infinite = /^([+-]?)inf(inity)?$/i.exec(text);
  if (infinite) return infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const figure = Number(text);
  return Number.isNaN(figure) ? undefined : figure;
}

/** ms since the epoch, of seconds, of milliseconds or of a date; NaN when it is none. */
function wallOf(value: unknown): number {
  const figure = figureOf(value);
  if (typeof figure === 'number') return figure > 1e11 ? figure : figure > 1e8 ? figure * 1000 : Number.NaN;
  return typeof value === 'string' ? Date.parse(value) : Number.NaN;
}

const unreadable = (path: string, line: number, why: string): Refusal =>
  new Refusal(422, {
    error: 'import-unreadable',
    message: `${path} cannot be read as metrics: ${why}`,
    where: `${path}, row ${line}`,
    fix: 'give CSV with a header, a JSON array of objects or one object a line: a step and a number for each metric, or key, step and value',
  });
