/**
 * Chooses, of the forms in which a value is offered, the richest that this page can draw. It reads types only; whether
 * the data is what its type claims is checked by whoever draws it.
 */
import { MIME, type MimeBundle } from '@trialroom/shared/notebook/outputs';

/** How a form is drawn. */
export type Drawing =
  | 'trial'
  | 'chart'
  | 'table'
  | 'widget'
  | 'progress'
  | 'vega'
  | 'blob'
  | 'html'
  | 'svg'
  | 'image'
  | 'markdown'
  | 'latex'
  | 'json'
  | 'text'
  | 'unknown';

/** The form of a bundle that is drawn, and the value it is drawn from. */
export interface Choice {
  drawing: Drawing;
  mime: string;
}

/** Richest first. */
const PREFERENCE: readonly [mime: string, drawing: Drawing][] = [
  [MIME.widget, 'widget'],
  [MIME.progress, 'progress'],
  [MIME.trial, 'trial'],
  [MIME.chart, 'chart'],
  [MIME.table, 'table'],
  [MIME.vegaLite, 'vega'],
  ['application/vnd.vegalite.v6+json', 'vega'],
  ['application/vnd.vegalite.v4+json', 'vega'],
  ['application/vnd.vega.v6+json', 'vega'],
  ['application/vnd.vega.v5+json', 'vega'],
  [MIME.blob, 'blob'],
  ['text/html', 'html'],
  ['image/svg+xml', 'svg'],
  ['image/png', 'image'],
  ['image/jpeg', 'image'],
  ['image/gif', 'image'],
  ['image/webp', 'image'],
  ['text/markdown', 'markdown'],
  ['text/latex', 'latex'],
  ['application/json', 'json'],
  ['text/plain', 'text'],
];

/** The form to draw. Types nobody knows are drawn as their name and, for JSON, their tree. */
export function chooseMime(data: MimeBundle): Choice {
  for (const [mime, drawing] of PREFERENCE) if (present(data[mime])) return { drawing, mime };
  const other = Object.keys(data).find((mime) => present(data[mime]));
  if (other === undefined) return { drawing: 'unknown', mime: '' };
  return { drawing: other.endsWith('+json') ? 'json' : other.startsWith('text/') ? 'text' : 'unknown', mime: other };
}

const present = (value: unknown): boolean => value !== undefined && value !== null;

/** Text of a form: files keep long text as lists of lines. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.every((line) => typeof line === 'string')) return value.join('');
  return JSON.stringify(value, null, 2) ?? '';
}
