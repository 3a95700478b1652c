/** A real kernel behind real ZeroMQ sockets, asked as Jupyter's clients ask. */
import { describe, expect, it } from 'vitest';
import { absent, of, start, useKernel } from './testing.ts';

describe.skipIf(absent)('the kernel behind ZeroMQ', () => {
  const jupyter = useKernel();

  describe('while a cell blocks', () => {
    it('everything else is answered, and clients still see the kernel busy', async () => {
      await jupyter.client.run('const open = { door: 1 }');
      const running = jupyter.client.start('console.log("in"); while (true) {}');
      await jupyter.client.until(() => jupyter.client.iopub.find(({ content }) => content.text === 'in\n'));
      expect((await jupyter.client.ask('control', 'kernel_info_request')).reply.content).toMatchObject({
        status: 'ok',
        implementation: 'trialroom',
        protocol_version: '5.4',
        debugger: false,
        language_info: { name: 'typescript' },
      });
      const completed = await jupyter.client.ask('shell', 'complete_request', { code: 'open.', cursor_pos: 5 });
      expect(completed.reply.content.matches).toContain('door');
      expect(await jupyter.client.beat('still here')).toBe('still here');
      const last = jupyter.client.iopub.filter(({ header }) => header.msg_type === 'status').at(-1);
      expect(last).toMatchObject({ content: { execution_state: 'busy' }, parent_header: { msg_id: running } });
      await jupyter.client.ask('control', 'interrupt_request');
      await jupyter.client.reply(running);
    });
  });

  describe('questions about code', () => {
    it('count code points, and know types of earlier cells', async () => {
      await jupyter.client.run(
        'interface Shape { colour: string; size: number }\nconst shape: Shape = { colour: "red", size: 1 };',
      );
      const code = 'const 😀 = 1; shape.col + "é"';
      const { reply } = await jupyter.client.ask('shell', 'complete_request', { code, cursor_pos: 22 });
      expect(reply.content).toMatchObject({ matches: ['colour'], cursor_start: 19, cursor_end: 22 });
      const inspected = await jupyter.client.ask('shell', 'inspect_request', {
        code: 'shape',
        cursor_pos: 3,
        detail_level: 0,
      });
      expect(inspected.reply.content).toMatchObject({
        found: true,
        data: { 'text/plain': expect.stringContaining('Shape') },
      });
      await jupyter.client.run('function double(n: number) { return 2 * n }');
      const about = await jupyter.client.ask('shell', 'inspect_request', {
        code: 'double',
        cursor_pos: 6,
        detail_level: 0,
      });
      expect(about.reply.content).toMatchObject({ data: { 'text/plain': 'function double(n: number): number' } });
      const nothing = await jupyter.client.ask('shell', 'inspect_request', {
        code: '   ',
        cursor_pos: 1,
        detail_level: 0,
      });
      expect(nothing.reply.content).toMatchObject({ status: 'ok', found: false });
    });

    it('about wholeness and history', async () => {
      const whole = await jupyter.client.ask('shell', 'is_complete_request', { code: 'if (x) {' });
      expect(whole.reply.content).toEqual({ status: 'incomplete', indent: '  ' });
      await jupyter.client.run('"remember me"');
      const history = await jupyter.client.ask('shell', 'history_request', {
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
      const id = jupyter.client.start('import { input } from "trialroom"; await input("Name?", { password: true })');
      const question = await jupyter.client.until(() => jupyter.client.asked.at(-1));
      expect(question).toMatchObject({
        header: { msg_type: 'input_request' },
        parent_header: { msg_id: id },
        content: { prompt: 'Name?', password: true },
      });
      jupyter.client.send('stdin', 'input_reply', { status: 'ok', value: 'Ada' });
      expect(of(await jupyter.client.about(id), 'execute_result')).toMatchObject([{ data: { 'text/plain': "'Ada'" } }]);
    });

    it('blocks where the code asks with prompt()', async () => {
      const seen = jupyter.client.asked.length;
      const id = jupyter.client.start('prompt("Sure?")');
      const question = await jupyter.client.until(() => jupyter.client.asked[seen]);
      jupyter.client.send('stdin', 'input_reply', { value: 'yes' }, question);
      expect(of(await jupyter.client.about(id), 'execute_result')).toMatchObject([{ data: { 'text/plain': "'yes'" } }]);
    });

    it('is asked for by whoever reads process.stdin, until it ends', async () => {
      const before = jupyter.client.asked.length;
      const id = jupyter.client.start(
        'import { createInterface } from "node:readline"; const said = []; for await (const line of createInterface({ input: process.stdin })) said.push(line); said',
      );
      for (const [index, value] of ['one', 'two', '\u0004'].entries()) {
        await jupyter.client.until(() => jupyter.client.asked[before + index]);
        jupyter.client.send('stdin', 'input_reply', { value });
      }
      expect(of(await jupyter.client.about(id), 'execute_result')).toMatchObject([
        { data: { 'text/plain': "[ 'one', 'two' ]" } },
      ]);
      const { reply } = await jupyter.client.run('await new Promise((got) => process.stdin.once("data", got))', {
        allow_stdin: false,
      });
      expect(reply.content).toMatchObject({ status: 'error', evalue: expect.stringContaining('allow_stdin') });
    });

    it('is refused in words where the client gives none', async () => {
      const { reply } = await jupyter.client.run('await input("Name?")', { allow_stdin: false });
      expect(reply.content).toMatchObject({ status: 'error', evalue: expect.stringContaining('allow_stdin') });
    });
  });

  describe('widgets', () => {
    it('are models that a page can draw, change and ask for', async () => {
      const { iopub } = await jupyter.client.run(
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
      const id = jupyter.client.send('shell', 'comm_msg', {
        comm_id: model?.comm_id,
        data: { method: 'update', state: { value: 7 }, buffer_paths: [] },
      });
      await jupyter.client.about(id);
      expect(of((await jupyter.client.run('w.value')).iopub, 'execute_result')).toMatchObject([
        { data: { 'text/plain': '7' } },
      ]);
      const info = await jupyter.client.ask('shell', 'comm_info_request', { target_name: 'jupyter.widget' });
      expect(Object.keys(Object(info.reply.content.comms))).toHaveLength(models.length);
      jupyter.client.send('shell', 'comm_open', { comm_id: 'all', target_name: 'jupyter.widget.control', data: {} });
      const asked = jupyter.client.send('shell', 'comm_msg', { comm_id: 'all', data: { method: 'request_states' } });
      expect(of(await jupyter.client.about(asked), 'comm_msg')).toMatchObject([
        { comm_id: 'all', data: { method: 'update_states' } },
      ]);
      const stranger = jupyter.client.send('shell', 'comm_open', { comm_id: 'x', target_name: 'nobody', data: {} });
      expect(of(await jupyter.client.about(stranger), 'comm_close')).toEqual([{ comm_id: 'x', data: {} }]);
    });
  });

  it('runs trials without a server', async () => {
    const { reply, iopub } = await jupyter.client.run(
      'import { trial } from "trialroom"; const t = await trial({ experiment: "e", name: "n" }); for (let i = 0; i < 5; i++) t.log({ loss: 1 / (i + 1) }, i); await t.finish(); "done"',
    );
    expect(reply.content).toMatchObject({ status: 'ok' });
    expect(of(iopub, 'execute_result')).toMatchObject([{ data: { 'text/plain': "'done'" } }]);
  });

  it('ends a trial whose last words were a note, a picture or a file', async () => {
    const { reply, iopub } = await jupyter.client.run(
      `import { trial } from "trialroom"; const noted = await trial({ experiment: "e", name: "noted" });
      noted.log({ loss: 1 }, { step: 1 }); noted.note("half way"); await noted.finish(); "noted"`,
    );
    expect(reply.content).toMatchObject({ status: 'ok' });
    expect(of(iopub, 'execute_result')).toMatchObject([{ data: { 'text/plain': "'noted'" } }]);
  });

  it('answers what it cannot do', async () => {
    const debug = await jupyter.client.ask('control', 'debug_request', {
      type: 'request',
      seq: 3,
      command: 'debugInfo',
    });
    expect(debug.reply.content).toMatchObject({ success: true, request_seq: 3, body: { isStarted: false } });
    const attach = await jupyter.client.ask('control', 'debug_request', { type: 'request', seq: 4, command: 'attach' });
    expect(attach.reply.content).toMatchObject({ success: false, message: expect.any(String) });
    const unknown = await jupyter.client.ask('shell', 'create_subshell_request');
    expect(unknown.reply).toMatchObject({
      header: { msg_type: 'create_subshell_reply' },
      content: { status: 'error' },
    });
  });

  it('is not moved by messages that are none', async () => {
    jupyter.client.sendParts('shell', [Buffer.from('nonsense')]);
    jupyter.client.sendParts('shell', [
      Buffer.from('<IDS|MSG>'),
      Buffer.from('f00'),
      ...Array(4).fill(Buffer.from('{}')),
    ]);
    jupyter.client.sendParts('stdin', [Buffer.from('<IDS|MSG>')]);
    const { Wire } = await import('./wire.ts');
    const message = jupyter.client.maker.message('shell', 'execute_request', { code: 'globalThis.forged = true' });
    jupyter.client.sendParts('shell', new Wire('another key').encode({ identities: [], message }));
    await jupyter.client.until(() => (jupyter.client.stderr.includes('signed with another key') ? true : undefined));
    expect(of((await jupyter.client.run('typeof forged')).iopub, 'execute_result')).toMatchObject([
      { data: { 'text/plain': "'undefined'" } },
    ]);
    // Contents of the wrong kind are as if they were not there.
    const { reply } = await jupyter.client.ask('shell', 'execute_request', {
      code: 7,
      silent: 'no',
      user_expressions: [],
    });
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
