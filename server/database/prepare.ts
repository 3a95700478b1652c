/** Run once at install: makes the prepared database, so that the first start need not. Never fails an install. */
import { preparedDirectory, preparedPath } from './prepared.ts';

try {
  await preparedDirectory();
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error);
  process.stderr.write(`trialroom: ${preparedPath()} was not made (${reason}); the first start will take longer.\n`);
}
