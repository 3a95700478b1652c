// Runs after `npm install`: makes the empty database that a first start copies, so that it need not wait for it.
// Never fails an install: without the prepared copy a first start makes its own.
import { existsSync } from 'node:fs';

const script = new URL('../database/prepare.ts', import.meta.url);
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (existsSync(script) && (major > 22 || (major === 22 && minor >= 18))) {
  try {
    const { prepare } = await import(script.href);
    await prepare();
  } catch (error) {
    console.warn(
      `trialroom: no prepared database (${error instanceof Error ? error.message : error}); the first start will take longer`,
    );
  }
}
