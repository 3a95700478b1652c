/** All rows of a table from the file that was kept of it, in the form that its preview has. */
import type { Columns, Row } from './rows.ts';

/**
 * Fetches and reads the CSV.
 * @param columns of the preview: others of the file are left out, as the preview's rows have none for them
 * @throws Error when it cannot be fetched, or is not of these columns
 */
export async function readWhole(address: string, columns: Columns): Promise<Row[]> {
  const [{ default: papa }, reply] = await Promise.all([import('papaparse'), fetch(address)]);
  if (!reply.ok) throw new Error(`The file of this table cannot be read: the server answers ${reply.status}.`);
  const { data } = papa.parse<string[]>((await reply.text()).replace(/\r\n$/, ''), { delimiter: ',' });
  const [head = [], ...lines] = data;
  const places = columns.map(({ name }) => head.indexOf(name));
  if (places.includes(-1)) throw new Error('The file of this table has other columns than the table.');
  return lines.map((line) => columns.map(({ type }, index) => typedValue(line[places[index] ?? -1], type)));
}

function typedValue(text: string | undefined, type: Columns[number]['type']): unknown {
  if (text === undefined || text === '') return null;
  if (type === 'number') {
    const number = Number(text);
    return Number.isFinite(number) ? number : text;
  }
  if (type === 'boolean') return text === 'true';
  return text;
}
