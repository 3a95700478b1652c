/**
 * The first 64 bytes that each side of a ZMTP connection sends (https://rfc.zeromq.org/spec/37/): a signature, the
 * version, the security mechanism. Both of ours and of all who connect here, that mechanism is NULL: Jupyter signs its
 * messages itself.
 */
import { ZmtpError } from './protocol-error.ts';

/** Length of a greeting, in bytes. */
export const GREETING_LENGTH = 64;
/** Bytes of a signature, which comes before everything else. */
export const SIGNATURE_LENGTH = 10;

const MAJOR_AT = 10;
const MINOR_AT = 11;
const MECHANISM_AT = 12;
const MECHANISM_LENGTH = 20;

/** Version 3.1, mechanism NULL, and a peer among equals. */
export const GREETING: Uint8Array = makeGreeting(1);

/** A greeting of version 3.`minor`. */
export function makeGreeting(minor: number): Uint8Array {
  const bytes = new Uint8Array(GREETING_LENGTH);
  bytes[0] = 0xff;
  bytes[SIGNATURE_LENGTH - 1] = 0x7f;
  bytes[MAJOR_AT] = 3;
  bytes[MINOR_AT] = minor;
  bytes.set(Buffer.from('NULL'), MECHANISM_AT);
  return bytes;
}

/** Checks as much of a signature as has come. @throws ZmtpError where it is none */
export function checkSignature(bytes: Uint8Array): void {
  const first = bytes[0] ?? 0xff;
  const last = bytes[SIGNATURE_LENGTH - 1] ?? 0x7f;
  if (first !== 0xff || last !== 0x7f) throw new ZmtpError('what it sends does not begin as ZeroMQ does');
}

/** Reads a whole greeting and returns the minor version. @throws ZmtpError for one that we cannot go on from */
export function readGreeting(bytes: Uint8Array): number {
  checkSignature(bytes);
  const major = bytes[MAJOR_AT] ?? 0;
  if (major < 3) throw new ZmtpError(`it speaks version ${major} of ZeroMQ's protocol; ZeroMQ 4 or newer is needed`);
  const field = bytes.subarray(MECHANISM_AT, MECHANISM_AT + MECHANISM_LENGTH);
  const end = field.indexOf(0);
  const mechanism = Buffer.from(end < 0 ? field : field.subarray(0, end)).toString('latin1');
  if (mechanism !== 'NULL') {
    throw new ZmtpError(`it wants the security mechanism ${JSON.stringify(mechanism)}; here there is NULL alone`);
  }
  return bytes[MINOR_AT] ?? 0;
}
