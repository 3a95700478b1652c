/**
 * Ids of kernels as Jupyter's clients know them. Some take only what looks like a UUID, and a kernel keeps its id over
 * restarts of the server: so the id is the session's own ULID, which has as many bits, written as a UUID.
 */
import { createHash } from 'node:crypto';

const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The kernel id of a session, which is named by a ULID, perhaps with something before it (`kernel:…`). */
export function kernelId(session: string): string {
  const ulid = session.slice(-26);
  // Whoever names sessions otherwise gets ids that are only as stable as the name.
  if (!ULID.test(ulid)) return uuid(createHash('sha256').update(session).digest('hex').slice(0, 32));
  const bits = [...ulid].reduce((sum, letter) => sum * 32n + BigInt(LETTERS.indexOf(letter)), 0n);
  return uuid(bits.toString(16).padStart(32, '0'));
}

/** The ULID behind a kernel id; null when it is no UUID. */
export function ulidOf(kernel: string): string | null {
  if (!UUID.test(kernel)) return null;
  let bits = BigInt(`0x${kernel.replaceAll('-', '')}`);
  let ulid = '';
  for (let at = 0; at < 26; at++) {
    ulid = (LETTERS[Number(bits % 32n)] ?? '') + ulid;
    bits /= 32n;
  }
  return ulid;
}

const uuid = (hex: string): string =>
  [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
