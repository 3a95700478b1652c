/**
 * Jupyter messages on a WebSocket, in both formats in use: one JSON text (binary when there are buffers), which every
 * client speaks, and the subprotocol `v1.kernel.websocket.jupyter.org`, which leaves the parts apart.
 */
import {
  isChannel,
  isJson,
  JupyterFormatError,
  type JupyterMessage,
  readHeader,
  readJson,
  readParentHeader,
} from './messages.ts';

/** Name of the newer format, as in `Sec-WebSocket-Protocol`. */
export const WEBSOCKET_V1 = 'v1.kernel.websocket.jupyter.org';

/** `json`: no subprotocol was agreed. */
export type WebSocketFormat = 'json' | 'v1';

/** The format for what a client offers. */
export const chooseFormat = (offered: Iterable<string>): WebSocketFormat =>
  Array.from(offered).includes(WEBSOCKET_V1) ? 'v1' : 'json';

/** A message as one WebSocket frame: text or binary. */
export function encodeWebSocket(format: WebSocketFormat, message: JupyterMessage): string | Uint8Array {
  if (format === 'v1') return encodeV1(message);
  if (message.buffers.length === 0) return JSON.stringify(flat(message));
  const parts = [encoder.encode(JSON.stringify(flat({ ...message, buffers: [] }))), ...message.buffers];
  const head = 4 * (parts.length + 1);
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, head));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, parts.length);
  let at = head;
  parts.forEach((part, index) => {
    view.setUint32(4 * (index + 1), at);
    bytes.set(part, at);
    at += part.length;
  });
  return bytes;
}

/** Reads what {@link encodeWebSocket} or a client wrote. @throws JupyterFormatError */
export function decodeWebSocket(format: WebSocketFormat, data: string | Uint8Array): JupyterMessage {
  if (typeof data === 'string') {
    if (format === 'v1') throw new JupyterFormatError(`${WEBSOCKET_V1} is binary, but a text frame came`);
    return readFlat(parse(data, 'message'), []);
  }
  if (format === 'v1') return decodeV1(data);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const count = data.length < 4 ? 0 : view.getUint32(0);
  if (count < 1 || 4 * (count + 1) > data.length) throw new JupyterFormatError(`${data.length} bytes hold no message`);
  const offsets = Array.from({ length: count }, (_, index) => view.getUint32(4 * (index + 1)));
  const [json, ...buffers] = cut(data, [...offsets, data.length], 4 * (count + 1));
  return readFlat(parse(decode(json, 'message'), 'message'), buffers);
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

/** As JupyterLab and jupyter_server write it: id and type are said twice. */
const flat = (message: JupyterMessage): object => ({
  ...message,
  msg_id: message.header.msg_id,
  msg_type: message.header.msg_type,
});

function readFlat(value: unknown, buffers: Uint8Array[]): JupyterMessage {
  if (!isJson(value)) throw new JupyterFormatError('a message is not a JSON object');
  const { channel } = value;
  // Old clients name no channel.
  if (channel !== undefined && channel !== null && !isChannel(channel)) throw unknownChannel(channel);
  return {
    channel: channel ?? 'shell',
    header: readHeader(value.header),
    parent_header: readParentHeader(value.parent_header),
    metadata: readJson(value.metadata, 'metadata'),
    content: readJson(value.content, 'content'),
    buffers,
  };
}

function encodeV1(message: JupyterMessage): Uint8Array {
  const parts = [
    encoder.encode(message.channel),
    ...[message.header, message.parent_header, message.metadata, message.content].map((part) =>
      encoder.encode(JSON.stringify(part)),
    ),
    ...message.buffers,
  ];
  // One offset for the start of each part, and one for the end of the last.
  const offsets = parts.length + 1;
  const head = 8 * (offsets + 1);
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, head));
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(offsets), true);
  let at = head;
  parts.forEach((part, index) => {
    view.setBigUint64(8 * (index + 1), BigInt(at), true);
    bytes.set(part, at);
    at += part.length;
  });
  view.setBigUint64(8 * offsets, BigInt(at), true);
  return bytes;
}

/** Fewest offsets: channel, header, parent header, metadata, content, and the end. */
const LEAST_OFFSETS = 6;

function decodeV1(data: Uint8Array): JupyterMessage {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const count = data.length < 8 ? 0 : Number(view.getBigUint64(0, true));
  if (count < LEAST_OFFSETS || 8 * (count + 1) > data.length) {
    throw new JupyterFormatError(`${data.length} bytes hold no message of ${WEBSOCKET_V1}`);
  }
  const offsets = Array.from({ length: count }, (_, index) => Number(view.getBigUint64(8 * (index + 1), true)));
  const [channelBytes, header, parent, metadata, content, ...buffers] = cut(data, offsets, 8 * (count + 1));
  const channel = decode(channelBytes, 'channel');
  if (!isChannel(channel)) throw unknownChannel(channel);
  return {
    channel,
    header: readHeader(parse(decode(header, 'header'), 'header')),
    parent_header: readParentHeader(parse(decode(parent, 'parent header'), 'parent header')),
    metadata: readJson(parse(decode(metadata, 'metadata'), 'metadata'), 'metadata'),
    content: readJson(parse(decode(content, 'content'), 'content'), 'content'),
    buffers,
  };
}

/** The stretches between neighbouring offsets; none may begin before `from` or run backwards. */
function cut(data: Uint8Array, offsets: readonly number[], from: number): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let before = from;
  for (const [index, offset] of offsets.entries()) {
    if (!(offset >= before && offset <= data.length)) {
      throw new JupyterFormatError(
        `offset ${index + 1} of a message is ${offset}, outside of its ${data.length} bytes`,
      );
    }
    if (index > 0) parts.push(data.subarray(before, offset));
    before = offset;
  }
  return parts;
}

function decode(bytes: Uint8Array | undefined, what: string): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new JupyterFormatError(`the ${what} of a message is not UTF-8`);
  }
}

function parse(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new JupyterFormatError(`the ${what} is not JSON: ${text.slice(0, 60)}`);
  }
}

const unknownChannel = (channel: unknown): JupyterFormatError =>
  new JupyterFormatError(`there is no channel ${JSON.stringify(channel)}`);
