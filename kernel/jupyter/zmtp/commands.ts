/** The commands of ZMTP 3.1: what peers say to each other beside their messages. */
import { ZmtpError } from './protocol-error.ts';

/** A command as it was read. */
export type Command =
  /** Names of properties are in lower case, since case does not count. */
  | { name: 'READY'; properties: Map<string, Uint8Array> }
  | { name: 'ERROR'; reason: string }
  | { name: 'SUBSCRIBE' | 'CANCEL'; topic: Uint8Array }
  /** `ttl`: tenths of a second after which a silent sender is to be taken for dead; 0: never. */
  | { name: 'PING'; ttl: number; context: Uint8Array }
  | { name: 'PONG'; context: Uint8Array }
  /** One of a later version. */
  | { name: 'unknown'; called: string };

/** Longest context of a PING. */
const LONGEST_CONTEXT = 16;
const LONGEST_REASON = 255;

/** Body of a READY command: who we are. */
export const encodeReady = (properties: Record<string, string>): Uint8Array =>
  Buffer.concat([
    named('READY'),
    ...Object.entries(properties).flatMap(([name, value]) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(Buffer.byteLength(value));
      return [Buffer.from([name.length]), Buffer.from(name, 'latin1'), length, Buffer.from(value)];
    }),
  ]);

/** Body of an ERROR command: why there will be no connection. */
export function encodeError(reason: string): Uint8Array {
  const text = Buffer.from(reason, 'latin1').subarray(0, LONGEST_REASON);
  return Buffer.concat([named('ERROR'), Buffer.from([text.length]), text]);
}

/** Body of the answer to a PING. */
export const encodePong = (context: Uint8Array): Uint8Array => Buffer.concat([named('PONG'), context]);

const named = (name: string): Buffer => Buffer.from([name.length, ...Buffer.from(name, 'latin1')]);

/** Reads the body of a command. @throws ZmtpError for one that is malformed */
export function readCommand(body: Uint8Array): Command {
  const length = body[0];
  if (length === undefined || length === 0 || body.length < 1 + length) throw new ZmtpError('a command has no name');
  const name = latin1(body.subarray(1, 1 + length));
  const data = body.subarray(1 + length);
  switch (name) {
    case 'READY':
      return { name, properties: readProperties(data) };
    case 'ERROR': {
      const size = data[0];
      if (size === undefined || data.length !== 1 + size) throw new ZmtpError('an ERROR command has no whole reason');
      return { name, reason: latin1(data.subarray(1)) };
    }
    case 'SUBSCRIBE':
    case 'CANCEL':
      return { name, topic: data };
    case 'PING': {
      const [high, low] = data;
      if (high === undefined || low === undefined) throw new ZmtpError('a PING command has no time to live');
      const context = data.subarray(2);
      if (context.length > LONGEST_CONTEXT)
        throw new ZmtpError(`a PING command has ${context.length} bytes of context`);
      return { name, ttl: high * 256 + low, context };
    }
    case 'PONG':
      return { name, context: data };
    default:
      return { name: 'unknown', called: name };
  }
}

function readProperties(data: Uint8Array): Map<string, Uint8Array> {
  const properties = new Map<string, Uint8Array>();
  let rest = data;
  while (rest.length > 0) {
    const name = rest[0] ?? 0;
    const valueAt = 1 + name + 4;
    if (name === 0 || rest.length < valueAt) throw new ZmtpError('a READY command has half a property');
    const size = new DataView(rest.buffer, rest.byteOffset + 1 + name, 4).getUint32(0);
    if (rest.length < valueAt + size) throw new ZmtpError('a READY command has half a property');
    properties.set(latin1(rest.subarray(1, 1 + name)).toLowerCase(), rest.subarray(valueAt, valueAt + size));
    rest = rest.subarray(valueAt + size);
  }
  return properties;
}

/** Bytes as text, each a character. */
export const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
