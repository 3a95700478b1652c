import { type JupyterMessage, MessageMaker } from '@trialroom/shared/jupyter/messages';
import { STREAM_SHOWN } from '@trialroom/shared/notebook/outputs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Outbox } from './outbox.ts';

const maker = new MessageMaker('kernel');
const parent = maker.header('execute_request');
const stream = (name: string, text: string): JupyterMessage =>
  maker.message('iopub', 'stream', { name, text }, { parent });
const update = (id: string, value: string): JupyterMessage =>
  maker.message(
    ...([
      'iopub',
      'update_display_data',
      { data: { 'text/plain': value }, metadata: {}, transient: { display_id: id } },
    ] as const),
    { parent },
  );

/** A socket that takes only what it is let take. */
function slowWire() {
  const sent: JupyterMessage[] = [];
  let done: (() => void)[] = [];
  const wire = { bufferedAmount: 0, dropped: false };
  const outbox = new Outbox({
    get bufferedAmount() {
      return wire.bufferedAmount;
    },
    send: (message, told) => {
      sent.push(message);
      done.push(told);
    },
    drop: () => {
      wire.dropped = true;
    },
  });
  const flow = (): void => {
    wire.bufferedAmount = 0;
    while (done.length > 0) for (const told of done.splice(0)) told();
    done = [];
  };
  return { outbox, sent, wire, flow };
}

describe('messages for a slow client', () => {
  test('come in order, with nothing but joins between', () => {
    const message = fc.oneof(
      fc.record({ name: fc.constantFrom('stdout', 'stderr'), text: fc.string() }),
      fc.record({ id: fc.constantFrom('p', 'q'), value: fc.string() }),
      fc.constant('status'),
    );
    const step = fc.oneof({ weight: 5, arbitrary: message }, fc.constant('full'), fc.constant('flow'));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { outbox, sent, wire, flow } = slowWire();
        const texts = { stdout: '', stderr: '' };
        const last = new Map<string, string>();
        let statuses = 0;
        for (const item of steps) {
          if (item === 'flow') flow();
          else if (item === 'full') wire.bufferedAmount = 2 ** 24;
          else if (typeof item === 'string') {
            statuses++;
            outbox.send(maker.message('iopub', 'status', { execution_state: 'busy' }, { parent }));
          } else if ('text' in item) {
            texts[item.name === 'stdout' ? 'stdout' : 'stderr'] += item.text;
            outbox.send(stream(item.name, item.text));
          } else {
            last.set(item.id, item.value);
            outbox.send(update(item.id, item.value));
          }
        }
        // The callback of something sent earlier is what sets it going again.
        outbox.send(maker.message('shell', 'execute_reply', {}, { parent }));
        flow();
        wire.bufferedAmount = 0;
        outbox.send(maker.message('shell', 'execute_reply', {}, { parent }));
        flow();
        if (outbox.waiting > 0) return; // Nothing was ever on its way, so nothing can come back.
        const said = (name: string) =>
          sent.flatMap(({ content }) => (content.name === name ? [String(content.text)] : [])).join('');
        expect(said('stdout')).toBe(texts.stdout);
        expect(said('stderr')).toBe(texts.stderr);
        expect(sent.filter(({ header }) => header.msg_type === 'status')).toHaveLength(statuses);
        for (const [id, value] of last) {
          const drawn = sent.findLast(({ content }) => JSON.stringify(content).includes(`"display_id":"${id}"`));
          expect(drawn?.content.data).toEqual({ 'text/plain': value });
        }
      }),
    );
  });

  test('of a long stream the middle is left out, and that is said', () => {
    const { outbox, sent, wire, flow } = slowWire();
    outbox.send(stream('stdout', 'first\n'));
    wire.bufferedAmount = 2 ** 24;
    for (let line = 0; line < 200_000; line++) outbox.send(stream('stdout', `line ${line} ${'-'.repeat(20)}\n`));
    expect(outbox.waiting).toBeLessThan(3 * STREAM_SHOWN);
    flow();
    const text = sent.map(({ content }) => content.text).join('');
    expect(text).toMatch(/^first\nline 0 -/);
    expect(text).toContain('too slow for some of the output');
    expect(text).toMatch(/line 199999 -+\n$/);
  });

  test('a client that is hopelessly behind is let go, once, and holds nothing', () => {
    const { outbox, wire } = slowWire();
    wire.bufferedAmount = 2 ** 24;
    const picture = 'x'.repeat(1024 * 1024);
    for (let at = 0; at < 40; at++) {
      outbox.send(maker.message('iopub', 'display_data', { data: { 'image/png': picture }, metadata: {} }, { parent }));
    }
    expect(wire.dropped).toBe(true);
  });
});
