/**
 * `node server/database/make-migration.ts <name>`: writes the migration that leads from those there are to what the
 * entities declare, and lists it. Nothing is written when they agree.
 */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connect } from './connect.ts';
import { migrate } from './migrate.ts';

const folder = fileURLToPath(new URL('./migrations/', import.meta.url));
const name = process.argv[2];
if (!name || !/^[a-z][a-z0-9-]*$/.test(name)) {
  throw new Error('give the migration a name in lower-case-words, e.g. `add-annotations`');
}

const dataDir = mkdtempSync(join(tmpdir(), 'trialroom-migration-'));
const database = await connect({ dataDir });
try {
  await migrate(database);
  const statements = (await database.orm.schema.getUpdateSchemaSQL({ wrap: false }))
    .split(/;\n+/)
    .map((statement) => statement.trim().replace(/;$/, ''))
    .filter((statement) => statement !== '');
  if (statements.length === 0) {
    console.log('The migrations and the entities agree: there is nothing to write.');
  } else {
    const known = readdirSync(folder).filter((file) => /^\d{4}-.*\.ts$/.test(file));
    const file = `${String(known.length + 1).padStart(4, '0')}-${name}`;
    writeFileSync(join(folder, `${file}.ts`), migrationFile(statements));
    writeFileSync(join(folder, 'index.ts'), indexFile([...known.map((one) => one.replace(/\.ts$/, '')), file].sort()));
    console.log(`Wrote ${file}.ts with ${statements.length} statements.`);
  }
} finally {
  await database.close();
  rmSync(dataDir, { recursive: true, force: true });
}

function migrationFile(statements: readonly string[]): string {
  const lines = statements.map((statement) => `    this.addSql(${literal(statement)});`);
  return `import { Migration } from '@mikro-orm/migrations';

export default class extends Migration {
  override up(): void {
${lines.join('\n')}
  }
}
`;
}

function literal(statement: string): string {
  return `\`${statement.replace(/[\\`]|\$\{/g, (character) => `\\${character}`)}\``;
}

function indexFile(names: readonly string[]): string {
  const imports = names.map((one, index) => `import migration${index + 1} from './${one}.ts';`);
  const entries = names.map((one, index) => `  { name: '${one}', class: migration${index + 1} },`);
  return `/** All migrations, in the order in which they run. Written by \`make-migration.ts\`; what has been released is never changed. */
import type { MigrationObject } from '@mikro-orm/core';
${imports.join('\n')}

export const migrations: MigrationObject[] = [
${entries.join('\n')}
];
`;
}
