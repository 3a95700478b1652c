import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JUPYTER_CHANNELS, JupyterFormatError, type JupyterMessage, MessageMaker } from './messages.ts';
import { chooseFormat, decodeWebSocket, encodeWebSocket, WEBSOCKET_V1 } from './websocket.ts';

const maker = new MessageMaker('session', 'ada');
const json = fc
  .dictionary(
    // JSON.parse makes an own property of `__proto__`, a literal does not: not what is tried here.
    fc.string().filter((key) => key !== '__proto__'),
    fc.jsonValue(),
  )
  .map((value): Record<string, unknown> => JSON.parse(JSON.stringify(value)));
const message: fc.Arbitrary<JupyterMessage> = fc
  .record({
    channel: fc.constantFrom(...JUPYTER_CHANNELS),
    type: fc.string(),
    content: json,
    metadata: json,
    buffers: fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 4 }),
    child: fc.boolean(),
  })
  .map(({ channel, type, content, metadata, buffers, child }) =>
    maker.message(channel, type, content, {
      metadata,
      buffers,
      ...(child ? { parent: maker.header('execute_request') } : {}),
    }),
  );

const plain = (value: JupyterMessage): object => ({ ...value, buffers: value.buffers.map((buffer) => [...buffer]) });

describe.each(['json', 'v1'] as const)('the %s format', (format) => {
  it('brings back every message as it was', () => {
    fc.assert(
      fc.property(message, (one) => {
        expect(plain(decodeWebSocket(format, encodeWebSocket(format, one)))).toEqual(plain(one));
      }),
    );
  });

  it('refuses anything else with words, never with another error', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.uint8Array(), fc.tuple(message, fc.nat(), fc.nat(255)).map(damaged(format))),
        (data) => {
          try {
            decodeWebSocket(format, data);
          } catch (error) {
            expect(error).toBeInstanceOf(JupyterFormatError);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

const damaged =
  (format: 'json' | 'v1') =>
  ([one, at, byte]: [JupyterMessage, number, number]): string | Uint8Array => {
    const data = encodeWebSocket(format, one);
    if (typeof data === 'string') return data.slice(0, at % data.length);
    const changed = data.slice();
    changed[at % changed.length] = byte;
    return changed;
  };

it('writes the bytes that jupyter_server writes', () => {
  const header = { msg_id: 'a', msg_type: 'b', session: 's', username: 'u', date: 'd', version: '5.4' };
  const one: JupyterMessage = { channel: 'shell', header, parent_header: {}, metadata: {}, content: {}, buffers: [] };
  const bytes = encodeWebSocket('v1', one);
  if (typeof bytes === 'string') throw new Error('binary was expected');
  const view = new DataView(bytes.buffer);
  const length = JSON.stringify(header).length;
  const numbers = Array.from({ length: 7 }, (_, index) => Number(view.getBigUint64(8 * index, true)));
  expect(numbers).toEqual([6, 56, 61, 61 + length, 63 + length, 65 + length, 67 + length]);
  expect(new TextDecoder().decode(bytes.subarray(56, 61))).toBe('shell');
});

it('chooses the newer format where it is offered', () => {
  expect(chooseFormat([WEBSOCKET_V1])).toBe('v1');
  expect(chooseFormat([])).toBe('json');
});

it('takes messages of clients that leave out what they may', () => {
  const text = '{"header":{"msg_id":"1","msg_type":"kernel_info_request"},"content":{},"parent_header":null}';
  expect(decodeWebSocket('json', text)).toMatchObject({ channel: 'shell', parent_header: {}, metadata: {} });
});
