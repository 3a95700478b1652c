/** A figure as an image: what uPlot drew, with its title and the names of its lines, on the colour of the page. */
import type { PlotModel } from './model.ts';

/** Space around and between, in CSS pixels. */
const MARGIN = 12;
const LINE = 18;

/**
 * Draws a figure that is on the page as a PNG, at the resolution of the screen.
 * @param figure the element around the canvas; colours and type are read from it
 * @throws Error when nothing was drawn yet
 */
export async function pngOf(figure: HTMLElement, title: string, model: PlotModel): Promise<Blob> {
  const plot = figure.querySelector('canvas');
  if (!plot || plot.width === 0) throw new Error('The chart is not drawn yet.');
  const styles = getComputedStyle(figure);
  const token = (name: string): string => styles.getPropertyValue(name).trim();
  const ratio = plot.width / plot.clientWidth;
  const names = model.lines.filter(({ name }) => name !== '');
  const head = (title === '' ? 0 : LINE) + (names.length > 0 ? LINE : 0);
  const canvas = document.createElement('canvas');
  canvas.width = plot.width + 2 * MARGIN * ratio;
  canvas.height = plot.height + (2 * MARGIN + head) * ratio;
  const context = canvas.getContext('2d');
  if (!context) throw new Error('This browser cannot draw images.');
  context.fillStyle = token('--surface-0');
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(plot, MARGIN * ratio, (MARGIN + head) * ratio);
  context.scale(ratio, ratio);
  context.textBaseline = 'top';
  const font = token('--voice-instrument') || 'sans-serif';
  let y = MARGIN;
  if (title !== '') {
    context.font = `600 13px ${font}`;
    context.fillStyle = token('--ink-1');
    context.fillText(title, MARGIN, y);
    y += LINE;
  }
  context.font = `12px ${font}`;
  let x = MARGIN;
  for (const { name, colour } of names) {
    context.strokeStyle = token(`--series-${colour}`);
    context.lineWidth = 2;
    context.setLineDash(colour > 6 ? [5, 2] : []);
    context.beginPath();
    context.moveTo(x, y + 7);
    context.lineTo(x + 14, y + 7);
    context.stroke();
    context.fillStyle = token('--ink-2');
    context.fillText(name, x + 18, y);
    x += 18 + context.measureText(name).width + MARGIN;
  }
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('The image could not be made.'))), 'image/png'),
  );
}

/** Gives a file to the person, in the way of their browser. */
export function save(blob: Blob, name: string): void {
  const address = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // After the download has begun.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** A name for a file: what no system minds, never empty. */
export const fileName = (title: string, ending: string): string =>
  `${
    title
      .replace(/[^\p{L}\p{N}._ -]+/gu, ' ')
      .trim()
      .slice(0, 80) || 'chart'
  }.${ending}`;
