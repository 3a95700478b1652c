/** Makes image files part of a text cell. They travel with the notebook, so they may not be large. */
import type { Notebook } from '../model.ts';

/** The most one image may have, in bytes. */
const MOST = 5_000_000;

/** @returns the Markdown that shows them; empty when none could be taken, which is said */
export async function attachImages(notebook: Notebook, cell: string, files: readonly File[]): Promise<string> {
  const marks: string[] = [];
  await notebook.attempt(async () => {
    for (const file of files) {
      if (file.size > MOST) {
        const megabytes = (file.size / 1e6).toFixed(1);
        throw new Error(
          `“${file.name}” has ${megabytes} MB; an image in a notebook may have 5. Put the file beside the notebook and show it from a cell.`,
        );
      }
      const mark = notebook.attach(cell, file.name || 'image.png', { [file.type]: await base64Of(file) });
      if (mark !== undefined) marks.push(mark);
    }
  });
  return marks.join('\n');
}

async function base64Of(file: Blob): Promise<string> {
  const reader = new FileReader();
  const read = new Promise<string>((resolve, reject) => {
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(new Error(`The image cannot be read: ${reader.error?.message ?? 'unknown reason'}`));
  });
  reader.readAsDataURL(file);
  const url = await read;
  return url.slice(url.indexOf(',') + 1);
}
