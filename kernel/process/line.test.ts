import { encodeFrame, FRAME_LIMIT } from '@trialroom/shared/kernel/framing';
import { EXIT_BAD_LINE } from '@trialroom/shared/kernel/limits';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type KernelHarness, startKernel } from './harness.ts';

let kernel: KernelHarness;
beforeEach(async () => {
  kernel = await startKernel();
});
afterEach(() => kernel.close());

/** A frame whose lengths and header are whatever is given. */
function frame(headerLength: number, payloadLength: number, header: string): Uint8Array {
  const json = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + json.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, headerLength, true);
  view.setUint32(4, payloadLength, true);
  bytes.set(json, 8);
  return bytes;
}

describe('what is no frame ends the kernel with a reason', () => {
  it.each([
    ['a header that is not JSON', frame(3, 0, '{"a')],
    ['a header that is cut off', frame(5, 0, '{"typ')],
    ['a header of nothing', frame(0, 0, '')],
    ['more than may be sent', frame(2, FRAME_LIMIT, '{}')],
    ['lengths that cannot be', frame(0xffffffff, 0xffffffff, '{}')],
    ['a request of another protocol', new TextEncoder().encode('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
  ])('%s', async (_, bytes) => {
    await kernel.run('let state = 1');
    kernel.sendBytes(bytes);
    const { code, reason } = await kernel.exited;
    expect(code).toBe(EXIT_BAD_LINE);
    expect(reason).toMatch(/^The kernel was sent something that it cannot read, and ended\. trialroom kernel: ./);
  });

  it('also while a cell blocks', async () => {
    const execution = kernel.start('console.log("go"); while (true) {}');
    await kernel.untilPrinted(execution, 'go');
    kernel.sendBytes(frame(3, 0, '{"a'));
    expect((await kernel.exited).code).toBe(EXIT_BAD_LINE);
  });
});

describe('messages that are not understood', () => {
  it('are left aside, with a remark, and what follows is obeyed', async () => {
    for (const header of [{ type: 'explode' }, {}, [], null, 5, 'text', { type: 'execute', execution: 1 }]) {
      kernel.sendBytes(encodeFrame(header));
    }
    expect((await kernel.run('1 + 1')).result).toBe('2');
    expect(kernel.stderr).toContain('a message was not understood: {"type":"explode"}');
  });

  it('are answered when they ask for something', async () => {
    kernel.sendBytes(encodeFrame({ type: 'from-the-future', request: 7 }));
    kernel.sendBytes(encodeFrame({ type: 'complete', request: 8, expression: 5 }));
    for (const request of [7, 8]) {
      const answer = await kernel.until('answer', (each) => each.request === request);
      expect(answer).toMatchObject({ ok: false, value: expect.stringContaining('does not understand') });
    }
  });
});

describe('messages out of order', () => {
  it('about what does not exist change nothing', async () => {
    kernel.send({ type: 'reply', request: 99, ok: true, value: { trial: 'nobody’s' } });
    kernel.send({ type: 'reply', request: 99, ok: false, error: 'late' });
    kernel.send({ type: 'trial.ack', trial: 'none', seq: 4 });
    kernel.send({ type: 'trial.control', trial: 'none', action: 'stop' });
    kernel.send({ type: 'widget.set', widget: 'none', value: 1 });
    kernel.send({ type: 'interrupt' });
    kernel.send({ type: 'credit', bytes: 2 ** 40 });
    kernel.send({ type: 'credit', bytes: -5 });
    expect(await kernel.run('console.log("out"); 1')).toMatchObject({ text: 'out\n', result: '1' });
  });

  it('an interrupt of a kernel that is only getting ready stops nothing of its own', async () => {
    kernel.send({ type: 'interrupt' });
    expect(await kernel.run('1')).toMatchObject({ result: '1' });
  });

  it('a cell that is interrupted before the kernel is ready ends, and the next one runs', async () => {
    const endless = kernel.start('while (true) {}');
    kernel.send({ type: 'interrupt' });
    await kernel.finished(endless);
    expect(await kernel.run('2')).toMatchObject({ result: '2' });
  });

  it('an execution that is asked for twice runs once', async () => {
    await kernel.run('let runs = 0');
    const twice = { type: 'execute', execution: 'twice', cell: 'c', count: 1, source: 'runs++; await null' } as const;
    const execution = kernel.start('console.log("go"); await new Promise((resolve) => setTimeout(resolve, 20))');
    await kernel.untilPrinted(execution, 'go');
    kernel.send(twice);
    kernel.send(twice);
    await kernel.finished('twice');
    expect((await kernel.run('runs')).result).toBe('1');
    expect(kernel.messages.filter((each) => each.type === 'done' && each.execution === 'twice')).toHaveLength(1);
    expect(kernel.stderr).toContain('asked for twice');
  });

  it('a shutdown in the middle of a frame’s arrival is obeyed once the frame is whole', async () => {
    const bytes = encodeFrame({ type: 'shutdown' });
    kernel.sendBytes(bytes.slice(0, 10));
    const asked = encodeFrame({ type: 'execute', execution: 'e', cell: 'c', count: 1, source: '1' });
    kernel.sendBytes(bytes.slice(10));
    kernel.sendBytes(asked);
    expect((await kernel.exited).code).toBe(0);
  });
});
