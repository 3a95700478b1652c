import { once } from 'node:events';
import { WEBSOCKET_V1 } from '@trialroom/shared/jupyter/websocket';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../testing.ts';
import { connect, detachedKernel } from './testing-client.ts';

describe('the channels of a kernel', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(() => server.close());

  test.each([
    ['text', [], ''],
    ['the newer one', [WEBSOCKET_V1, 'something.else'], WEBSOCKET_V1],
  ])('speak both formats: %s', async (_, protocols, agreed) => {
    const client = await connect(server, await detachedKernel(server), { protocols });
    expect(client.socket.protocol).toBe(agreed);
    expect(await client.ask('kernel_info_request')).toMatchObject({
      'iopub status': { execution_state: 'idle' },
      'shell kernel_info_reply': { status: 'ok', protocol_version: '5.4', language_info: { name: 'typescript' } },
    });
    const ran = await client.ask('execute_request', { code: 'console.log("hé😀"); 6 * 7' });
    expect(ran).toMatchObject({
      'iopub execute_input': { code: 'console.log("hé😀"); 6 * 7', execution_count: 1 },
      'iopub stream': { name: 'stdout', text: 'hé😀\n' },
      'iopub execute_result': { execution_count: 1, data: { 'text/plain': '42' } },
      'shell execute_reply': { status: 'ok', execution_count: 1, user_expressions: {}, payload: [] },
    });
    expect(await client.ask('interrupt_request', {}, 'control')).toMatchObject({
      'control interrupt_reply': { status: 'ok' },
    });
    expect(await client.ask('comm_open', { comm_id: 'c', target_name: 'nobody', data: {} })).toMatchObject({
      'iopub comm_close': { comm_id: 'c' },
    });
    expect(await client.ask('debug_request', { seq: 3, command: 'attach' }, 'control')).toMatchObject({
      'control debug_reply': { request_seq: 3, success: false },
    });
    expect(await client.ask('debug_request', { seq: 4, command: 'debugInfo' }, 'control')).toMatchObject({
      'control debug_reply': { request_seq: 4, success: true, body: { isStarted: false, breakpoints: [] } },
    });
    expect(await client.ask('sing_request')).toMatchObject({ 'shell sing_reply': { status: 'error' } });
    // What is no request gets no reply, whatever it is called.
    expect(Object.keys(await client.ask('constructor'))).toEqual(['iopub status']);
    const closed = once(client.socket, 'close');
    client.send('shutdown_request', { restart: false });
    await closed;
    expect(await (await server.ask('editor', 'GET', '/api/kernels')).json()).toEqual([]);
  });

  test('what a kernel without a notebook holds can be completed and looked at', async () => {
    const client = await connect(server, await detachedKernel(server));
    await client.ask('execute_request', { code: 'const point = { left: 1, right: [2, 3] }' });
    expect(await client.ask('complete_request', { code: '"😀"; point.le', cursor_pos: 13 })).toMatchObject({
      'shell complete_reply': { matches: ['left'], cursor_start: 11, cursor_end: 13 },
    });
    expect(await client.ask('complete_request', { code: 'poi', cursor_pos: 3 })).toMatchObject({
      'shell complete_reply': { matches: ['point'] },
    });
    const seen = await client.ask('inspect_request', { code: 'point.right', cursor_pos: 11, detail_level: 0 });
    expect(JSON.stringify(seen['shell inspect_reply'])).toContain('Array(2)');
    expect(await client.ask('inspect_request', { code: 'nothing()', cursor_pos: 9 })).toMatchObject({
      'shell inspect_reply': { status: 'ok', found: false },
    });
  });

  test('a question mark behind a name asks about it', async () => {
    const client = await connect(server, await detachedKernel(server));
    await client.ask('execute_request', { code: 'const point = { left: 1 }' });
    expect(await client.ask('execute_request', { code: 'point?' })).toMatchObject({
      'shell execute_reply': {
        ...{ status: 'ok', execution_count: 1 },
        payload: [{ source: 'page', start: 0, data: { 'text/plain': expect.stringContaining('point: object') } }],
      },
    });
    expect(await client.ask('execute_request', { code: '?nobody' })).toMatchObject({
      'shell execute_reply': { payload: [{ data: { 'text/plain': 'Nothing is known about nobody.' } }] },
    });
  });

  test('silent code leaves no trace for others', async () => {
    const kernel = await detachedKernel(server);
    const [client, other] = [await connect(server, kernel), await connect(server, kernel, { session: 'other' })];
    const quiet = await client.ask('execute_request', { code: 'var quiet = 1; quiet', silent: true });
    expect(quiet).not.toHaveProperty('iopub execute_input');
    expect(quiet).not.toHaveProperty('iopub execute_result');
    await other.ask('execute_request', { code: 'quiet' });
    expect(await client.ask('history_request', { hist_access_type: 'tail', n: 5 })).toMatchObject({
      'shell history_reply': { history: [[1, 2, 'quiet']] },
    });
    // What one runs the others hear, as what it is: the other's.
    const input = await client.until(
      ({ header, content }) => header.msg_type === 'execute_input' && content.code === 'quiet',
    );
    expect(input.parent_header).toMatchObject({ session: 'other' });
  });

  test('who lets nobody be asked has its cell told so, and what is not to be remembered is not', async () => {
    const client = await connect(server, await detachedKernel(server));
    const asked = await client.ask('execute_request', { code: 'await input("name?")', allow_stdin: false });
    expect(asked['shell execute_reply']).toMatchObject({
      status: 'error',
      evalue: expect.stringContaining('allow_stdin'),
    });
    await client.ask('execute_request', { code: '"aside"', store_history: false });
    const { history } = (await client.ask('history_request', { hist_access_type: 'tail', n: 5 }))[
      'shell history_reply'
    ] as { history: unknown[] };
    expect(history).toEqual([[1, 1, 'await input("name?")']]);
  });

  test('expressions that nobody can look at any more are told as such', async () => {
    const kernel = await detachedKernel(server);
    const client = await connect(server, kernel);
    const ask = () => client.ask('execute_request', { code: '', user_expressions: { a: '1 + 1' } });
    expect(await ask()).toMatchObject({
      'shell execute_reply': { status: 'ok', user_expressions: { a: { status: 'error', ename: 'NotKnown' } } },
    });
  });
});
