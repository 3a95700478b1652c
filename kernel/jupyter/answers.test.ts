/** What needs no process: signatures, connection files, history, completeness. */

import { JupyterFormatError, type JupyterParts, MessageMaker } from '@trialroom/shared/jupyter/messages';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { completeness } from './complete-code.ts';
import { parseConnection } from './connection.ts';
import { History } from './history.ts';
import { Wire } from './wire.ts';

const maker = new MessageMaker('s', 'ada');
const parts: fc.Arbitrary<JupyterParts> = fc
  .record({
    text: fc.string({ unit: 'grapheme' }),
    buffers: fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 3 }),
    child: fc.boolean(),
  })
  .map(({ text, buffers, child }) => {
    const parent = child ? maker.header('execute_request') : undefined;
    return maker.message('shell', 'execute_request', { code: text }, { buffers, parent });
  });
const identities = fc.array(fc.uint8Array({ minLength: 1, maxLength: 6 }), { maxLength: 2 });
const bytes = (list: Uint8Array[]): number[][] => list.map((one) => [...one]);

describe('messages on the wire', () => {
  it('come back as they were, from whom they came', () => {
    fc.assert(
      fc.property(parts, identities, fc.constantFrom('', 'key'), (message, from, key) => {
        const { channel: _, ...sent }: JupyterParts & { channel?: string } = { ...message };
        const back = new Wire(key).decode(new Wire(key).encode({ identities: from, message }));
        expect(bytes(back.identities)).toEqual(bytes(from));
        expect({ ...back.message, buffers: bytes(back.message.buffers) }).toEqual({
          ...sent,
          buffers: bytes(message.buffers),
        });
      }),
    );
  });

  it('are refused when changed, unsigned, signed otherwise, or played again', () => {
    const message = maker.message('shell', 'kernel_info_request', {});
    const sent = new Wire('key').encode({ identities: [], message });
    const reader = new Wire('key');
    expect(() => new Wire('other').decode(sent)).toThrow('another key');
    expect(() => reader.decode(new Wire('').encode({ identities: [], message }))).toThrow('another key');
    reader.decode(sent);
    expect(() => reader.decode(sent)).toThrow('came twice');
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 5 }), fc.nat(), (part, at) => {
        const changed = sent.map((one) => Buffer.from(one));
        const target = changed[part];
        if (target) target[at % target.length] = (target[at % target.length] ?? 0) ^ 1;
        expect(() => new Wire('key').decode(changed)).toThrow(JupyterFormatError);
      }),
    );
  });

  it('that are no messages are refused in words', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 12 }), { maxLength: 8 }), (frames) => {
        expect(() => new Wire('').decode(frames)).toThrow(JupyterFormatError);
        expect(() => new Wire('').decode([Buffer.from('<IDS|MSG>'), ...frames])).toThrow(JupyterFormatError);
      }),
    );
  });
});

describe('a connection file', () => {
  const whole = { shell_port: 1, control_port: 2, iopub_port: 3, stdin_port: 4, hb_port: 5, ip: '127.0.0.1', key: 'k' };

  it('gives addresses, also of unix sockets and IPv6', () => {
    expect(parseConnection(JSON.stringify(whole))).toMatchObject({
      addresses: { shell: 'tcp://127.0.0.1:1', hb: 'tcp://127.0.0.1:5' },
      digest: 'sha256',
    });
    const ipc = parseConnection(JSON.stringify({ ...whole, transport: 'ipc', ip: '/tmp/k' }));
    expect(ipc.addresses.iopub).toBe('ipc:///tmp/k-3');
    expect(parseConnection(JSON.stringify({ ...whole, ip: '::1' })).addresses.shell).toBe('tcp://[::1]:1');
  });

  it('that lacks something says what', () => {
    expect(() => parseConnection('[]')).toThrow('not a JSON object');
    expect(() => parseConnection(JSON.stringify({ ...whole, hb_port: 0 }))).toThrow('hb_port');
    expect(() => parseConnection(JSON.stringify({ ...whole, transport: 'udp' }))).toThrow('udp');
    expect(() => parseConnection(JSON.stringify({ ...whole, signature_scheme: 'md5' }))).toThrow('hmac-');
  });
});

describe('is it a whole cell?', () => {
  it.each([
    '1 + 1',
    'const x: number = 1',
    'await f()',
    'import x from "y"',
    'export const a = 1',
    '<div>{x}</div>',
    'enum A { B }',
    '',
    '// remark',
    'answer?',
    '?answer.list[0]',
  ])('%j is', (code) => expect(completeness(code)).toEqual({ status: 'complete' }));

  it.each([
    ['if (x) {', '  '],
    ['  if (x) {', '    '],
    ['f(1,', ''],
    ['`text', ''],
    ['/* text', ''],
    ['const x =', ''],
    ['const f = () =>', '  '],
    ['a.', ''],
    ['a?.', ''],
    ['const b = a ?', ''],
    ['try {}', ''],
    ['class A {\n  b() {\n    c();', '    '],
    ['const list = [', '  '],
  ])('%j goes on', (code, indent) => expect(completeness(code)).toEqual({ status: 'incomplete', indent }));

  it.each(['const = 3', '}', '"text', 'return 1', '1 +* 2', 'a b', 'a?. 1'])('%j can never be', (code) =>
    expect(completeness(code)).toEqual({ status: 'invalid' }),
  );

  it('is answered for anything', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (code) => {
        expect(['complete', 'incomplete', 'invalid']).toContain(completeness(code).status);
      }),
    );
  });
});

describe('history', () => {
  const history = new History();
  for (const [index, input] of ['a', 'b', 'a', 'ab'].entries()) history.add(index + 1, input);
  history.result(4, '42');
  const lines = (request: Record<string, unknown>): unknown => history.answer({ output: false, ...request }).history;

  it('gives the newest, a range, and what fits a pattern', () => {
    expect(lines({ hist_access_type: 'tail', n: 2 })).toEqual([
      [1, 3, 'a'],
      [1, 4, 'ab'],
    ]);
    expect(lines({ hist_access_type: 'range', session: 0, start: 2, stop: 3 })).toEqual([[1, 2, 'b']]);
    expect(lines({ hist_access_type: 'range', session: -1, start: 0, stop: 9 })).toEqual([]);
    expect(lines({ hist_access_type: 'search', pattern: 'a*', unique: true })).toEqual([
      [1, 3, 'a'],
      [1, 4, 'ab'],
    ]);
    expect(lines({ hist_access_type: 'search', pattern: 'a*', n: 1 })).toEqual([[1, 4, 'ab']]);
    expect(lines({ hist_access_type: 'tail', n: 1, output: true })).toEqual([[1, 4, ['ab', '42']]]);
  });
});
