/** Reads back the predictions that a trial's evaluation kept (CSV as RFC 4180, a line for each example). */
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';

/** What a trial said of one example: class names, or numbers of a regression. */
export interface Prediction {
  id: string;
  truth: string;
  predicted: string;
}

/**
 * Parses `id,truth,predicted,…`; further columns are passed over.
 * @throws RangeError for a file that is cut short
 */
export async function readPredictions(content: AsyncIterable<Uint8Array>): Promise<Prediction[]> {
  const lines = createInterface({ input: Readable.from(content), crlfDelay: Number.POSITIVE_INFINITY });
  const read: Prediction[] = [];
  let header = true;
  let open = '';
  for await (const line of lines) {
    // A quoted field may hold line breaks: the record goes on until its quotes are closed.
    const record = open === '' ? line : `${open}\n${line}`;
    if (quotesOf(record) % 2 === 1) {
      open = record;
      continue;
    }
    open = '';
    if (header) header = false;
    else if (record !== '') {
      const [id, truth, predicted] = fieldsOf(record, 3);
      if (id === undefined || truth === undefined || predicted === undefined) {
        throw new RangeError(`predictions: line ${read.length + 2} has fewer than three fields`);
      }
      read.push({ id, truth, predicted });
    }
  }
  if (open !== '') throw new RangeError('predictions: the file ends within a quoted field');
  return read;
}

const quotesOf = (text: string): number => {
  let count = 0;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) count++;
  return count;
};

function fieldsOf(record: string, most: number): string[] {
  const fields: string[] = [];
  let at = 0;
  while (fields.length < most && at <= record.length) {
    if (record[at] === '"') {
      let text = '';
      at++;
      for (;;) {
        const end = record.indexOf('"', at);
        text += record.slice(at, end);
        at = end + 1;
        if (record[at] !== '"') break;
        text += '"';
        at++;
      }
      fields.push(text);
      at++;
    } else {
      const end = record.indexOf(',', at);
      fields.push(end < 0 ? record.slice(at) : record.slice(at, end));
      at = end < 0 ? record.length + 1 : end + 1;
    }
  }
  return fields;
}
