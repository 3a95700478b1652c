/** Run by `embedded.test.ts` as a process of its own: writes one row after the other and says so after each. */
import { writeSync } from 'node:fs';
import { PersonRow } from '../accounts/entities.ts';
import { connect } from './connect.ts';
import { migrate } from './migrate.ts';

const database = await connect({ dataDir: process.argv[2] ?? '' });
await migrate(database);
const begin = await database.em().count(PersonRow);
for (let index = 0; ; index++) {
  const createdAt = begin + index;
  await database.em().insert(PersonRow, { id: `p${createdAt}`, name: 'x', colour: 'a', role: 'viewer', createdAt });
  writeSync(1, `${index + 1}\n`);
}
