/** What a panel shows, taken along: CSV, JSON, SVG, PNG. */
import { fileName, save } from '../../charts/picture.ts';
import type { VectorLook } from '../../charts/vector.ts';
import type { Table } from './kind.ts';

/** Colours, type and size of what is on the page, for a picture of it. */
export function vectorLook(host: HTMLElement | undefined): VectorLook {
  const styles = getComputedStyle(host ?? document.documentElement);
  const token = (name: string): string => styles.getPropertyValue(name).trim();
  return {
    width: Math.max(320, host?.clientWidth ?? 640),
    height: Math.max(200, (host?.clientHeight ?? 320) + 40),
    ground: token('--surface-0'),
    ink: token('--ink-1'),
    faint: token('--ink-3'),
    grid: token('--grid'),
    font: token('--voice-instrument'),
    pen: (colour) => token(`--series-${colour}`),
  };
}

const cell = (value: string | number | null): string => {
  if (value === null) return '';
  if (typeof value === 'number')
    return Number.isNaN(value) ? 'NaN' : Number.isFinite(value) ? String(value) : value > 0 ? 'inf' : '-inf';
  // A spreadsheet would run what begins like a formula.
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** CSV as RFC 4180 says; NaN and infinities are named. */
export const csvText = ({ columns, rows }: Table): string =>
  `${[columns, ...rows].map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`;

/** A list of rows with named fields. JSON knows no NaN: such numbers are spelled out. */
export const jsonText = ({ columns, rows }: Table): string =>
  JSON.stringify(
    rows.map((row) =>
      Object.fromEntries(
        columns.map((name, index) => {
          const value = row[index] ?? null;
          return [name, typeof value === 'number' && !Number.isFinite(value) ? String(value) : value];
        }),
      ),
    ),
    null,
    1,
  );

export const saveText = (text: string, title: string, ending: string, type: string): void =>
  save(new Blob([text], { type }), fileName(title, ending));

/** Draws an SVG as a PNG at twice its size. Rejects when the browser cannot. */
export async function pngFrom(svg: string): Promise<Blob> {
  const image = new Image();
  image.src = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  try {
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = image.naturalWidth * 2;
    canvas.height = image.naturalHeight * 2;
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve, reject) =>
      canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('The image could not be made.'))), 'image/png'),
    );
  } finally {
    URL.revokeObjectURL(image.src);
  }
}
