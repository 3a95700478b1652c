/** Where a kernel finds the server that started it. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A socket that only this user can reach: in a folder of mode 0700, with a path short enough for every system. */
export function listeningAddress(id: string): { path: string; folder: string | null } {
  if (process.platform === 'win32') return { path: `\\\\.\\pipe\\trialroom-${id}`, folder: null };
  const usual = tmpdir();
  const folder = mkdtempSync(join(usual.length > 70 ? '/tmp' : usual, 'trialroom-'));
  return { path: join(folder, 'kernel'), folder };
}
