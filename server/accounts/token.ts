/** The owner's token: made at the first start and kept in the data directory, readable by its user only. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where the token of a data directory is kept. */
export const tokenPath = (dataDir: string): string => join(dataDir, 'token');

/**
 * The given token, or the kept one, or a new one (32 random bytes in hex).
 * @throws Error when the kept one is too short to be one
 */
export function ownerToken(dataDir: string, given?: string): string {
  if (given !== undefined) return given;
  const path = tokenPath(dataDir);
  if (existsSync(path)) {
    const kept = readFileSync(path, 'utf8').trim();
    if (kept.length >= 16) return kept;
    throw new Error(`${path} holds no token. Delete the file: the next start makes a new one.`);
  }
  const token = randomBytes(32).toString('hex');
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  writeFileSync(path, `${token}\n`, { mode: 0o600, flag: 'wx' });
  return token;
}
