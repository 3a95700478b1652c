/** Bytes and nothing else: frames, greetings, commands, and what a session makes of all that can come. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Command, encodeError, encodePong, encodeReady, readCommand } from './commands.ts';
import { encodeCommand, encodeMessage, FrameCutter, type ZmtpFrame } from './frames.ts';
import { GREETING, makeGreeting, readGreeting } from './greeting.ts';
import { ZmtpError } from './protocol-error.ts';
import { type Heard, type ServerType, Session } from './session.ts';

const ALL = 2 ** 40;
const plain = (bytes: Uint8Array): number[] => [...bytes];
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
/** Sizes around the borders of short frames and of what is copied. */
const size = fc.oneof(fc.nat(40), fc.constantFrom(254, 255, 256, 16_383, 16_384, 16_385, 70_000));
const part = fc.tuple(size, fc.nat(255)).map(([length, fill]) => new Uint8Array(length).fill(fill));
const message = fc.array(part, { minLength: 1, maxLength: 6 });

/** Cuts bytes into chunks at the given places. */
function chunks(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...places].map((from, index) => bytes.subarray(from, places[index] ?? bytes.length));
}

function cutAll(pieces: readonly Uint8Array[]): ZmtpFrame[] {
  const cutter = new FrameCutter();
  const frames: ZmtpFrame[] = [];
  for (const piece of pieces) {
    cutter.push(piece);
    for (let frame = cutter.next(ALL); frame; frame = cutter.next(ALL)) frames.push(frame);
  }
  return frames;
}

/** All that a session says of some chunks, and how it ended. */
function hear(own: ServerType, pieces: readonly Uint8Array[]): { heard: Heard[]; failed: string | undefined } {
  const session = new Session(own);
  const heard: Heard[] = [];
  try {
    for (const piece of pieces) session.push(piece, (one) => heard.push(one));
    return { heard, failed: undefined };
  } catch (error) {
    if (!(error instanceof ZmtpError)) throw error;
    return { heard, failed: error.message };
  }
}

const ready = (type: string, more: Record<string, string> = {}): Uint8Array =>
  encodeCommand(encodeReady({ 'Socket-Type': type, ...more }));
const command = (name: string, data: Uint8Array = new Uint8Array(0)): Uint8Array =>
  encodeCommand(Buffer.concat([Buffer.from([name.length]), Buffer.from(name), data]));

describe('frames', () => {
  it('come back as they were, wherever the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 4 }), fc.array(fc.nat(), { maxLength: 8 }), (messages, cuts) => {
        const bytes = Buffer.concat(messages.flatMap((one) => encodeMessage(one)));
        const expected = messages.flatMap((parts) =>
          parts.map((body, index) => ({ more: index + 1 < parts.length, command: false, body: text(body) })),
        );
        const frames = cutAll(chunks(bytes, cuts));
        expect(frames.map(({ body, ...flags }) => ({ ...flags, body: text(body) }))).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  it('of small parts are one piece; a large part is not copied', () => {
    const small = [Buffer.from('a'), Buffer.from(''), Buffer.alloc(300)];
    expect(encodeMessage(small)).toHaveLength(1);
    const large = Buffer.alloc(100_000);
    const pieces = encodeMessage([...small, large, ...small]);
    expect(pieces).toHaveLength(3);
    expect(pieces[1]).toBe(large);
  });

  it('are laid out as the specification says', () => {
    expect(plain(Buffer.concat(encodeMessage([Buffer.from('ab'), Buffer.from('c')])))).toEqual([
      1, 2, 97, 98, 0, 1, 99,
    ]);
    const [long] = encodeMessage([new Uint8Array(256)]);
    expect(plain((long ?? new Uint8Array()).subarray(0, 9))).toEqual([2, 0, 0, 0, 0, 0, 0, 1, 0]);
    expect(plain(encodeCommand(Buffer.from([1, 65])))).toEqual([4, 2, 1, 65]);
  });

  it('that announce too much, or flags that do not exist, are refused before their body comes', () => {
    const cutter = new FrameCutter();
    cutter.push(Buffer.from([2, 0, 0, 1, 0, 0, 0, 0, 0]));
    expect(() => cutter.next(1000)).toThrow(`announces ${2 ** 40} bytes; 1000 are the most`);
    for (const flags of [8, 16, 128, 255]) {
      const other = new FrameCutter();
      other.push(Buffer.from([flags, 0]));
      expect(() => other.next(1000)).toThrow('which do not exist');
    }
    const command = new FrameCutter();
    command.push(Buffer.from([5, 0]));
    expect(() => command.next(1000)).toThrow('announces a further part');
  });
});

describe('greetings', () => {
  it('of 3.0, 3.1 and later versions are understood', () => {
    for (const minor of [0, 1, 9]) expect(readGreeting(makeGreeting(minor))).toBe(minor);
    expect(GREETING).toHaveLength(64);
  });

  it('of others are refused in words', () => {
    const changed = (at: number, ...bytes: number[]): Uint8Array => {
      const greeting = makeGreeting(0);
      greeting.set(bytes, at);
      return greeting;
    };
    expect(() => readGreeting(changed(10, 1))).toThrow('version 1 ');
    expect(() => readGreeting(changed(12, ...Buffer.from('CURVE')))).toThrow('"CURVE"');
    expect(hear('ROUTER', [Buffer.from('GET / HTTP/1.1\r\n')]).failed).toContain('does not begin as ZeroMQ does');
  });
});

describe('commands', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.stringMatching(/^[a-z-]{1,20}$/), fc.string({ unit: 'binary-ascii', maxLength: 400 })),
        fc.stringMatching(/^[ -~]{0,255}$/),
        fc.uint8Array({ maxLength: 16 }),
        (properties, reason, context) => {
          const read = readCommand(encodeReady(properties));
          const values = read.name === 'READY' ? [...read.properties].map(([k, v]) => [k, String(Buffer.from(v))]) : [];
          expect(Object.fromEntries(values)).toEqual({ ...properties });
          expect(readCommand(encodeError(reason))).toEqual({ name: 'ERROR', reason });
          const pong = readCommand(encodePong(context));
          expect(pong.name === 'PONG' && plain(pong.context)).toEqual(plain(context));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('of any bytes are a command or an error in words', () => {
    const names: Command['name'][] = ['READY', 'ERROR', 'SUBSCRIBE', 'CANCEL', 'PING', 'PONG', 'unknown'];
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 60 }),
          fc
            .tuple(fc.constantFrom(...names), fc.uint8Array({ maxLength: 40 }))
            .map(([name, data]) => Buffer.from([name.length, ...Buffer.from(name), ...data])),
        ),
        (body) => {
          try {
            expect(names).toContain(readCommand(body).name);
          } catch (error) {
            expect(error).toBeInstanceOf(ZmtpError);
          }
        },
      ),
    );
  });
});

describe('a session', () => {
  const opening = Buffer.concat([GREETING, ready('DEALER', { Identity: 'me' })]);

  it('tells of everything in order, wherever the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(message, { maxLength: 4 }),
        fc.array(fc.nat(), { maxLength: 8 }),
        fc.constantFrom(0, 1),
        (messages, cuts, minor) => {
          const bytes = Buffer.concat([
            makeGreeting(minor),
            ready('DEALER', { Identity: 'me' }),
            ...messages.flatMap((one) => encodeMessage(one)),
            command('PING', Buffer.from([0, 5, 7])),
          ]);
          const { heard, failed } = hear('ROUTER', chunks(bytes, cuts));
          expect(failed).toBeUndefined();
          const said = heard.map((one) => (one.is === 'message' ? one.parts.map(text) : one.is));
          expect(said).toEqual(['ready', ...messages.map((parts) => parts.map(text)), 'ping']);
          expect(heard[0]?.is === 'ready' && text(heard[0].identity)).toBe('me');
        },
      ),
      { numRuns: 60 },
    );
  });

  it('hears subscriptions of both versions', () => {
    const bytes = [
      makeGreeting(0),
      ready('SUB'),
      command('SUBSCRIBE', Buffer.from('a')),
      ...encodeMessage([Buffer.from('\u0001b')]),
      command('CANCEL', Buffer.from('a')),
      ...encodeMessage([Buffer.from('\u0000b')]),
    ];
    const { heard, failed } = hear('PUB', bytes);
    expect(failed).toBeUndefined();
    expect(heard.slice(1).map((one) => 'topic' in one && [one.is, String(Buffer.from(one.topic))])).toEqual([
      ['subscribed', 'a'],
      ['subscribed', 'b'],
      ['cancelled', 'a'],
      ['cancelled', 'b'],
    ]);
  });

  it('ends with a reason, and keeps what came whole before', () => {
    const good = Buffer.concat(encodeMessage([Buffer.from('good')]));
    const cases: [ServerType, Uint8Array[], string][] = [
      ['ROUTER', [GREETING, good], 'a message comes before READY'],
      ['ROUTER', [GREETING, command('PING', Buffer.alloc(2))], 'does not begin with READY'],
      ['ROUTER', [GREETING, command('ERROR', Buffer.from('\u0002no'))], 'it ends the connection: no'],
      ['ROUTER', [GREETING, ready('SUB')], 'type "SUB", which cannot talk to ROUTER'],
      ['PUB', [GREETING, ready('DEALER')], 'cannot talk to PUB'],
      ['REP', [GREETING, ready('SUB')], 'cannot talk to REP'],
      ['ROUTER', [GREETING, ready('DEALER', { Identity: '\u0000x' })], 'begins with a zero'],
      ['ROUTER', [GREETING, ready('DEALER', { Identity: 'x'.repeat(256) })], 'longer than 255'],
      ['ROUTER', [opening, ready('DEALER')], 'READY twice'],
      ['ROUTER', [opening, command('SUBSCRIBE')], 'nothing is published'],
      ['ROUTER', [opening, encodeCommand(new Uint8Array(0))], 'a command has no name'],
      ['ROUTER', [opening, encodeCommand(Buffer.alloc(70_000, 1))], 'a command has 70000 bytes'],
      ['ROUTER', [GREETING, encodeCommand(Buffer.alloc(70_000, 1))], 'announces 70000 bytes'],
      ['ROUTER', [opening, ...encodeMessage(Array(10_001).fill(new Uint8Array(0)))], 'more than 10000 parts'],
      ['ROUTER', [opening, Buffer.from([2, 0, 0, 0, 0, 0x20, 0, 0, 1])], 'announces 536870913 bytes'],
      ['PUB', [GREETING, ready('SUB'), good], 'may only subscribe'],
    ];
    for (const [own, bytes, reason] of cases) expect(hear(own, bytes).failed).toContain(reason);
    const { heard, failed } = hear('ROUTER', [Buffer.concat([opening, good, Buffer.from([255])])]);
    expect(heard.map(({ is }) => is)).toEqual(['ready', 'message']);
    expect(failed).toBeDefined();
  });

  it('bears whatever comes', () => {
    const noise = fc.uint8Array({ maxLength: 300 });
    fc.assert(
      fc.property(
        fc.constantFrom<ServerType>('ROUTER', 'PUB', 'REP'),
        fc.constantFrom([], [GREETING], [opening], [GREETING, ready('SUB')], [GREETING, ready('REQ')]),
        fc.array(noise, { maxLength: 5 }),
        (own, begun, rest) => {
          const { heard } = hear(own, [...begun, ...rest]);
          expect(heard.length).toBeLessThan(2000);
        },
      ),
      { numRuns: 500 },
    );
  });
});
