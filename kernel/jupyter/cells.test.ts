/** Cells that clients run, in a real kernel behind real ZeroMQ sockets. */
import type { JupyterParts } from '@trialroom/shared/jupyter/messages';
import { describe, expect, it } from 'vitest';
import { absent, of, printed, types, useKernel } from './testing.ts';

describe.skipIf(absent)('behind ZeroMQ', () => {
  const jupyter = useKernel();
  /** Resolves once the cell of a request runs. */
  const began = (id: string): Promise<JupyterParts> =>
    jupyter.client.until(() =>
      jupyter.client.iopub.find(
        ({ header, parent_header: parent }) =>
          header.msg_type === 'execute_input' && 'msg_id' in parent && parent.msg_id === id,
      ),
    );

  describe('a cell', () => {
    it('is told busy, its input, its outputs, and idle, in this order', async () => {
      const { reply, iopub } = await jupyter.client.run('console.log("hi"); 1 + 1');
      expect(types(iopub)).toEqual(['status', 'execute_input', 'stream', 'execute_result', 'status']);
      expect(reply.content).toMatchObject({ status: 'ok', payload: [], user_expressions: {} });
      expect(of(iopub, 'execute_result')).toEqual([
        { execution_count: reply.content.execution_count, data: { 'text/plain': '2' }, metadata: {}, transient: {} },
      ]);
      expect(reply.header.version).toBe('5.4');
    });

    it('that takes its time is ended by messages of that moment, although they may be made before', async () => {
      const { reply, iopub } = await jupyter.client.run('await new Promise((resolve) => setTimeout(resolve, 60)); 7');
      const [result] = iopub.filter(({ header }) => header.msg_type === 'execute_result');
      const dates = [result, reply, iopub.at(-1)].map((message) => Date.parse(message?.header.date ?? ''));
      expect(dates).toEqual(dates.toSorted((a, b) => a - b));
      expect(new Set(iopub.concat(reply).map(({ header }) => header.msg_id)).size).toBe(iopub.length + 1);
    });

    it('fails with the place in the cell as it is numbered', async () => {
      const { reply, iopub } = await jupyter.client.run('const f = () => {\n  throw new RangeError("boom");\n};\nf()');
      const [error] = of(iopub, 'error');
      expect(error).toMatchObject({ ename: 'RangeError', evalue: 'boom' });
      expect(reply.content).toMatchObject({ status: 'error', ...error });
      expect(String(error?.traceback)).toContain(`In [${reply.content.execution_count}]:2:9`);
    });

    it('that does not parse says where', async () => {
      const { reply } = await jupyter.client.run('const = 3');
      expect(reply.content).toMatchObject({ status: 'error', ename: 'SyntaxError' });
    });

    it('run silently leaves no number, no input and no result', async () => {
      const before = (await jupyter.client.run('0')).reply.content.execution_count;
      const { reply, iopub } = await jupyter.client.run('console.log("quiet"); 5', { silent: true });
      expect(types(iopub)).toEqual(['status', 'stream', 'status']);
      expect(reply.content.execution_count).toBe(before);
      const kept = await jupyter.client.run('5', { store_history: false });
      expect(kept.reply.content.execution_count).toBe(before);
      expect(types(kept.iopub)).toContain('execute_result');
    });

    it('gives the values that are asked for with it', async () => {
      const { reply } = await jupyter.client.run('let wanted = { n: 1 }', {
        user_expressions: { one: 'wanted', two: '{ n: wanted.n + 1 }', none: 'nowhere.at.all' },
      });
      expect(reply.content.user_expressions).toMatchObject({
        one: { status: 'ok', data: { 'text/plain': '{ n: 1 }' } },
        two: { status: 'ok', data: { 'text/plain': '{ n: 2 }' } },
        none: { status: 'error', ename: 'ReferenceError' },
      });
    });

    it('shows, updates and clears', async () => {
      const { iopub } = await jupyter.client.run(
        'import { clear, display, html } from "trialroom"; const h = display(html("<b>a</b>")); h.update(html("<i>b</i>")); clear()',
      );
      const [display] = of(iopub, 'display_data');
      const [update] = of(iopub, 'update_display_data');
      expect(display).toMatchObject({
        data: { 'text/html': '<b>a</b>' },
        transient: { display_id: expect.any(String) },
      });
      expect(update).toMatchObject({ data: { 'text/html': '<i>b</i>' }, transient: display?.transient });
      expect(of(iopub, 'clear_output')).toEqual([{ wait: false }]);
    });

    it('says the beginning of a long message', async () => {
      const { reply, iopub } = await jupyter.client.run('throw new RangeError("z".repeat(50_000))');
      const evalue = `${'z'.repeat(20_000)}\n… 30,000 characters not shown …`;
      expect(reply.content).toMatchObject({ ename: 'RangeError', evalue });
      expect(of(iopub, 'error')).toMatchObject([{ evalue }]);
    });

    it('that ends in a question mark pages what is known', async () => {
      await jupyter.client.run('const answer = 42');
      for (const code of ['answer?', '?answer']) {
        const { reply } = await jupyter.client.run(code);
        expect(reply.content.payload).toMatchObject([
          { source: 'page', data: { 'text/plain': expect.stringContaining('42') } },
        ]);
      }
    });

    it('prints later to where it was started', async () => {
      const early = jupyter.client.start(
        'globalThis.later = Promise.withResolvers(); later.promise.then(() => console.log("late")); 0',
      );
      await jupyter.client.reply(early);
      await jupyter.client.run('later.resolve(); await null; 1');
      const late = await jupyter.client.until(() =>
        jupyter.client.iopub.find(({ content }) => content.name === 'stdout' && content.text === 'late\n'),
      );
      expect(late.parent_header).toMatchObject({ msg_id: early });
    });

    it('loses no line, and ends only after the last', async () => {
      const { iopub } = await jupyter.client.run('for (let i = 0; i < 100_000; i++) console.log("line", i)');
      expect(printed(iopub)).toBe(Array.from({ length: 100_000 }, (_, index) => `line ${index}\n`).join(''));
      expect(types(iopub).at(-1)).toBe('status');
      // Lines travel together.
      expect(iopub.length).toBeLessThan(2000);
    });
  });

  describe('a queue of cells', () => {
    it('is dropped behind one that fails, unless that is not wanted', async () => {
      const failing = jupyter.client.start('throw new Error("first")');
      const dropped = jupyter.client.start('globalThis.second = true');
      const tolerated = [
        jupyter.client.start('throw 1', { stop_on_error: false }),
        jupyter.client.start('typeof second'),
      ];
      expect((await jupyter.client.reply(failing)).content.status).toBe('error');
      expect((await jupyter.client.reply(dropped)).content).toMatchObject({ status: 'aborted' });
      for (const id of tolerated) expect((await jupyter.client.reply(id)).content.status).toBe('aborted');
      const [fails, follows] = [
        jupyter.client.start('throw 1', { stop_on_error: false }),
        jupyter.client.start('typeof second'),
      ];
      expect((await jupyter.client.reply(fails)).content.status).toBe('error');
      const iopub = await jupyter.client.about(follows);
      expect(of(iopub, 'execute_result')).toMatchObject([{ data: { 'text/plain': "'undefined'" } }]);
    });

    it('is dropped by an interrupt, with state kept', async () => {
      await jupyter.client.run('let kept = 1');
      const running = jupyter.client.start('kept++; while (true) {}');
      const waiting = jupyter.client.start('kept = 99');
      await began(running);
      await jupyter.client.until(() =>
        jupyter.client.iopub.find(({ content }) => content.code === 'kept++; while (true) {}'),
      );
      const { reply } = await jupyter.client.ask('control', 'interrupt_request');
      expect(reply.content).toEqual({ status: 'ok' });
      expect((await jupyter.client.reply(running)).content).toMatchObject({ status: 'error', ename: 'Interrupted' });
      expect((await jupyter.client.reply(waiting)).content.status).toBe('aborted');
      const kept = Number(
        of((await jupyter.client.run('kept')).iopub, 'execute_result').map(({ data }) => Object(data)['text/plain'])[0],
      );
      expect(kept).toBeLessThan(3);
    });
  });
});
