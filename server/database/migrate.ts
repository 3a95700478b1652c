/** Brings the tables up to what this version's entities need, before anything else looks at them. */
import type { Database } from './database.ts';

/** Makes what is missing; never drops anything. */
export async function migrate(database: Database): Promise<void> {
  await database.orm.schema.update({ safe: true });
}
