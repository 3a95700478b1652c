/** A real kernel behind real ZeroMQ sockets, asked as Jupyter's clients ask. */
import { createRequire } from 'node:module';
import type { Json, JupyterParts } from '@trialroom/shared/jupyter/messages';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JupyterClient } from './client.ts';

const absent = ((): boolean => {
  try {
    createRequire(import.meta.url).resolve('zeromq');
    return false;
  } catch {
    console.warn('the optional package zeromq is not installed: the Jupyter kernel is not tested');
    return true;
  }
})();

const types = (iopub: JupyterParts[]): string[] => iopub.map(({ header }) => header.msg_type);
const of = (iopub: JupyterParts[], type: string): Json[] =>
  iopub.filter(({ header }) => header.msg_type === type).map(({ content }) => content);
const printed = (iopub: JupyterParts[]): string =>
  of(iopub, 'stream')
    .map(({ text }) => text)
    .join('');

describe.skipIf(absent)('the kernel behind ZeroMQ', () => {
  let client: JupyterClient;
  const start = async (options?: { key: string }): Promise<JupyterClient> =>
    (await import('./client.ts')).startJupyter(options);
  beforeAll(async () => {
    client = await start();
  });
  afterAll(() => client?.close());

  /** Resolves once the cell of a request runs. */
  const began = (id: string): Promise<JupyterParts> =>
    client.until(() =>
      client.iopub.find(
        ({ header, parent_header: parent }) =>
          header.msg_type === 'execute_input' && 'msg_id' in parent && parent.msg_id === id,
      ),
    );

  describe('a cell', () => {
    it('is told busy, its input, its outputs, and idle, in this order', async () => {
      const { reply, iopub } = await client.run('console.log("hi"); 1 + 1');
      expect(types(iopub)).toEqual(['status', 'execute_input', 'stream', 'execute_result', 'status']);
      expect(reply.content).toMatchObject({ status: 'ok', payload: [], user_expressions: {} });
      expect(of(iopub, 'execute_result')).toEqual([
        { execution_count: reply.content.execution_count, data: { 'text/plain': '2' }, metadata: {}, transient: {} },
      ]);
      expect(reply.header.version).toBe('5.4');
    });

    it('fails with the place in the cell as it is numbered', async () => {
      const { reply, iopub } = await client.run('const f = () => {\n  throw new RangeError("boom");\n};\nf()');
      const [error] = of(iopub, 'error');
      expect(error).toMatchObject({ ename: 'RangeError', evalue: 'boom' });
      expect(reply.content).toMatchObject({ status: 'error', ...error });
      expect(String(error?.traceback)).toContain(`In [${reply.content.execution_count}]:2:9`);
    });

    it('that does not parse says where', async () => {
      const { reply } = await client.run('const = 3');
      expect(reply.content).toMatchObject({ status: 'error', ename: 'SyntaxError' });
    });

    it('run silently leaves no number, no input and no result', async () => {
      const before = (await client.run('0')).reply.content.execution_count;
      const { reply, iopub } = await client.run('console.log("quiet"); 5', { silent: true });
      expect(types(iopub)).toEqual(['status', 'stream', 'status']);
      expect(reply.content.execution_count).toBe(before);
      const kept = await client.run('5', { store_history: false });
      expect(kept.reply.content.execution_count).toBe(before);
      expect(types(kept.iopub)).toContain('execute_result');
    });

    it('gives the values that are asked for with it', async () => {
      const { reply } = await client.run('let wanted = { n: 1 }', {
        user_expressions: { one: 'wanted', two: '{ n: wanted.n + 1 }', none: 'nowhere.at.all' },
      });
      expect(reply.content.user_expressions).toMatchObject({
        one: { status: 'ok', data: { 'text/plain': '{ n: 1 }' } },
        two: { status: 'ok', data: { 'text/plain': '{ n: 2 }' } },
        none: { status: 'error', ename: 'ReferenceError' },
      });
    });

    it('shows, updates and clears', async () => {
      const { iopub } = await client.run(
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

    it('that ends in a question mark pages what is known', async () => {
      await client.run('const answer = 42');
      for (const code of ['answer?', '?answer']) {
        const { reply } = await client.run(code);
        expect(reply.content.payload).toMatchObject([
          { source: 'page', data: { 'text/plain': expect.stringContaining('42') } },
        ]);
      }
    });

    it('prints later to where it was started', async () => {
      const early = client.start(
        'globalThis.later = Promise.withResolvers(); later.promise.then(() => console.log("late")); 0',
      );
      await client.reply(early);
      await client.run('later.resolve(); await null; 1');
      const late = await client.until(() =>
        client.iopub.find(({ content }) => content.name === 'stdout' && content.text === 'late\n'),
      );
      expect(late.parent_header).toMatchObject({ msg_id: early });
    });

    it('loses no line, and ends only after the last', async () => {
      const { iopub } = await client.run('for (let i = 0; i < 100_000; i++) console.log("line", i)');
      expect(printed(iopub)).toBe(Array.from({ length: 100_000 }, (_, index) => `line ${index}\n`).join(''));
      expect(types(iopub).at(-1)).toBe('status');
      // Lines travel together.
      expect(iopub.length).toBeLessThan(2000);
    });
  });

  describe('a queue of cells', () => {
    it('is dropped behind one that fails, unless that is not wanted', async () => {
      const failing = client.start('throw new Error("first")');
      const dropped = client.start('globalThis.second = true');
      const tolerated = [client.start('throw 1', { stop_on_error: false }), client.start('typeof second')];
      expect((await client.reply(failing)).content.status).toBe('error');
      expect((await client.reply(dropped)).content).toMatchObject({ status: 'aborted' });
      for (const id of tolerated) expect((await client.reply(id)).content.status).toBe('aborted');
      const [fails, follows] = [client.start('throw 1', { stop_on_error: false }), client.start('typeof second')];
      expect((await client.reply(fails)).content.status).toBe('error');
      const iopub = await client.about(follows);
      expect(of(iopub, 'execute_result')).toMatchObject([{ data: { 'text/plain': "'undefined'" } }]);
    });

    it('is dropped by an interrupt, with state kept', async () => {
      await client.run('let kept = 1');
      const running = client.start('kept++; while (true) {}');
      const waiting = client.start('kept = 99');
      await began(running);
      await client.until(() => client.iopub.find(({ content }) => content.code === 'kept++; while (true) {}'));
      const { reply } = await client.ask('control', 'interrupt_request');
      expect(reply.content).toEqual({ status: 'ok' });
      expect((await client.reply(running)).content).toMatchObject({ status: 'error', ename: 'Interrupted' });
      expect((await client.reply(waiting)).content.status).toBe('aborted');
      const kept = Number(
        of((await client.run('kept')).iopub, 'execute_result').map(({ data }) => Object(data)['text/plain'])[0],
      );
      expect(kept).toBeLessThan(3);
    });
  });

  describe('while a cell blocks', () => {
    it('everything else is answered, and clients still see the kernel busy', async () => {
      await client.run('const open = { door: 1 }');
      const running = client.start('console.log("in"); while (true) {}');
      await client.until(() => client.iopub.find(({ content }) => content.text === 'in\n'));
      expect((await client.ask('control', 'kernel_info_request')).reply.content).toMatchObject({
        status: 'ok',
        implementation: 'trialroom',
        protocol_version: '5.4',
        debugger: false,
        language_info: { name: 'typescript' },
      });
      const completed = await client.ask('shell', 'complete_request', { code: 'open.', cursor_pos: 5 });
      expect(completed.reply.content.matches).toContain('door');
      expect(await client.beat('still here')).toBe('still here');
      const last = client.iopub.filter(({ header }) => header.msg_type === 'status').at(-1);
      expect(last).toMatchObject({ content: { execution_state: 'busy' }, parent_header: { msg_id: running } });
      await client.ask('control', 'interrupt_request');
      await client.reply(running);
    });
  });

  describe('questions about code', () => {
    it('count code points, and know types of earlier cells', async () => {
      await client.run(
        'interface Shape { colour: string; size: number }\nconst shape: Shape = { colour: "red", size: 1 };',
      );
      const code = 'const 😀 = 1; shape.col + "é"';
      const { reply } = await client.ask('shell', 'complete_request', { code, cursor_pos: 22 });
      expect(reply.content).toMatchObject({ matches: ['colour'], cursor_start: 19, cursor_end: 22 });
      const inspected = await client.ask('shell', 'inspect_request', { code: 'shape', cursor_pos: 3, detail_level: 0 });
      expect(inspected.reply.content).toMatchObject({
        found: true,
        data: { 'text/plain': expect.stringContaining('Shape') },
      });
      const nothing = await client.ask('shell', 'inspect_request', { code: '   ', cursor_pos: 1, detail_level: 0 });
      expect(nothing.reply.content).toMatchObject({ status: 'ok', found: false });
    });

    it('about wholeness and history', async () => {
      const whole = await client.ask('shell', 'is_complete_request', { code: 'if (x) {' });
      expect(whole.reply.content).toEqual({ status: 'incomplete', indent: '  ' });
      await client.run('"remember me"');
      const history = await client.ask('shell', 'history_request', {
        hist_access_type: 'search',
        pattern: '*remember*',
        output: true,
        raw: true,
      });
      expect(history.reply.content).toMatchObject({
        history: [[1, expect.any(Number), ['"remember me"', "'remember me'"]]],
      });
    });
  });

  describe('input', () => {
    it('is asked of the client that ran the cell', async () => {
      const id = client.start('import { input } from "trialroom"; await input("Name?", { password: true })');
      const question = await client.until(() => client.asked.at(-1));
      expect(question).toMatchObject({
        header: { msg_type: 'input_request' },
        parent_header: { msg_id: id },
        content: { prompt: 'Name?', password: true },
      });
      client.send('stdin', 'input_reply', { status: 'ok', value: 'Ada' });
      expect(of(await client.about(id), 'execute_result')).toMatchObject([{ data: { 'text/plain': "'Ada'" } }]);
    });

    it('blocks where the code asks with prompt()', async () => {
      const seen = client.asked.length;
      const id = client.start('prompt("Sure?")');
      const question = await client.until(() => client.asked[seen]);
      client.send('stdin', 'input_reply', { value: 'yes' }, question);
      expect(of(await client.about(id), 'execute_result')).toMatchObject([{ data: { 'text/plain': "'yes'" } }]);
    });

    it('is refused in words where the client gives none', async () => {
      const { reply } = await client.run('await input("Name?")', { allow_stdin: false });
      expect(reply.content).toMatchObject({ status: 'error', evalue: expect.stringContaining('allow_stdin') });
    });
  });

  describe('widgets', () => {
    it('are models that a page can draw, change and ask for', async () => {
      const { iopub } = await client.run(
        'import { display, slider } from "trialroom"; const w = slider("Rate", { min: 0, max: 10, step: 1, value: 3 }); w',
      );
      const models = of(iopub, 'comm_open');
      const model = models.at(-1);
      expect(model).toMatchObject({
        target_name: 'jupyter.widget',
        data: { state: { _model_name: 'IntSliderModel', value: 3, min: 0, max: 10, description: 'Rate' } },
      });
      const shown = [...of(iopub, 'display_data'), ...of(iopub, 'execute_result')];
      expect(shown).toMatchObject([
        { data: { 'application/vnd.jupyter.widget-view+json': { model_id: model?.comm_id } } },
      ]);
      const id = client.send('shell', 'comm_msg', {
        comm_id: model?.comm_id,
        data: { method: 'update', state: { value: 7 }, buffer_paths: [] },
      });
      await client.about(id);
      expect(of((await client.run('w.value')).iopub, 'execute_result')).toMatchObject([
        { data: { 'text/plain': '7' } },
      ]);
      const info = await client.ask('shell', 'comm_info_request', { target_name: 'jupyter.widget' });
      expect(Object.keys(Object(info.reply.content.comms))).toHaveLength(models.length);
      client.send('shell', 'comm_open', { comm_id: 'all', target_name: 'jupyter.widget.control', data: {} });
      const asked = client.send('shell', 'comm_msg', { comm_id: 'all', data: { method: 'request_states' } });
      expect(of(await client.about(asked), 'comm_msg')).toMatchObject([
        { comm_id: 'all', data: { method: 'update_states' } },
      ]);
      const stranger = client.send('shell', 'comm_open', { comm_id: 'x', target_name: 'nobody', data: {} });
      expect(of(await client.about(stranger), 'comm_close')).toEqual([{ comm_id: 'x', data: {} }]);
    });
  });

  it('runs trials without a server', async () => {
    const { reply, iopub } = await client.run(
      'import { trial } from "trialroom"; const t = await trial({ experiment: "e", name: "n" }); for (let i = 0; i < 5; i++) t.log({ loss: 1 / (i + 1) }, i); await t.finish(); "done"',
    );
    expect(reply.content).toMatchObject({ status: 'ok' });
    expect(of(iopub, 'execute_result')).toMatchObject([{ data: { 'text/plain': "'done'" } }]);
  });

  it('answers what it cannot do', async () => {
    const debug = await client.ask('control', 'debug_request', { type: 'request', seq: 3, command: 'debugInfo' });
    expect(debug.reply.content).toMatchObject({ success: true, request_seq: 3, body: { isStarted: false } });
    const attach = await client.ask('control', 'debug_request', { type: 'request', seq: 4, command: 'attach' });
    expect(attach.reply.content).toMatchObject({ success: false, message: expect.any(String) });
    const unknown = await client.ask('shell', 'create_subshell_request');
    expect(unknown.reply).toMatchObject({
      header: { msg_type: 'create_subshell_reply' },
      content: { status: 'error' },
    });
  });

  it('is not moved by messages that are none', async () => {
    client.sendParts('shell', [Buffer.from('nonsense')]);
    client.sendParts('shell', [Buffer.from('<IDS|MSG>'), Buffer.from('f00'), ...Array(4).fill(Buffer.from('{}'))]);
    client.sendParts('stdin', [Buffer.from('<IDS|MSG>')]);
    const { Wire } = await import('./wire.ts');
    const message = client.maker.message('shell', 'execute_request', { code: 'globalThis.forged = true' });
    client.sendParts('shell', new Wire('another key').encode({ identities: [], message }));
    await client.until(() => (client.stderr.includes('signed with another key') ? true : undefined));
    expect(of((await client.run('typeof forged')).iopub, 'execute_result')).toMatchObject([
      { data: { 'text/plain': "'undefined'" } },
    ]);
    // Contents of the wrong kind are as if they were not there.
    const { reply } = await client.ask('shell', 'execute_request', { code: 7, silent: 'no', user_expressions: [] });
    expect(reply.content).toMatchObject({ status: 'ok' });
  });

  it('needs no key, and ends when it is told to', async () => {
    const other = await start({ key: '' });
    try {
      expect((await other.run('1')).reply.content.status).toBe('ok');
      const { reply } = await other.ask('control', 'shutdown_request', { restart: true });
      expect(reply.content).toEqual({ status: 'ok', restart: true });
      expect(await other.exited).toBe(0);
    } finally {
      await other.close();
    }
  });
});
