import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FromKernel, PROTOCOL_VERSION } from '@trialroom/shared/kernel/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kernelEnvironment } from './kernel-environment.ts';
import { type KernelLink, type LinkOptions, startKernel } from './link.ts';

let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'trialroom-link-'));
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

/** A kernel under observation: waits on messages, never on time. */
function observe(options: Partial<LinkOptions> = {}) {
  const messages: FromKernel[] = [];
  const waiting = new Set<() => void>();
  const ready = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<string>();
  const link: KernelLink = startKernel({
    cwd,
    onReady: () => ready.resolve(),
    onMessage: (message, _payload, taken) => {
      messages.push(message);
      taken();
      for (const check of waiting) check();
    },
    onEnd: (reason) => ended.resolve(reason),
    ...options,
  });
  const until = <T extends FromKernel['type']>(
    type: T,
    matches: (message: Extract<FromKernel, { type: T }>) => boolean,
  ) =>
    new Promise<Extract<FromKernel, { type: T }>>((resolve) => {
      const check = (): void => {
        for (const message of messages) {
          if (message.type !== type) continue;
          const found = message as Extract<FromKernel, { type: T }>;
          if (!matches(found)) continue;
          waiting.delete(check);
          resolve(found);
          return;
        }
      };
      waiting.add(check);
      check();
    });
  const run = (execution: string, source: string) => {
    link.send({ type: 'execute', execution, cell: execution, count: 1, source });
    return until('done', (done) => done.execution === execution);
  };
  const textOf = (execution: string): string =>
    messages.map((said) => (said.type === 'stream' && said.execution === execution ? said.text : '')).join('');
  return { link, messages, ready: ready.promise, ended: ended.promise, until, run, textOf };
}

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe('a kernel process', () => {
  it('runs cells, keeps state, and ends when asked', async () => {
    const kernel = observe();
    await kernel.ready;
    expect(await kernel.run('x1', 'const a = 20;\nconsole.log("hello")')).toMatchObject({ end: 'ok' });
    expect(kernel.textOf('x1')).toBe('hello\n');
    await kernel.run('x2', 'a + 22');
    const result = await kernel.until('result', ({ execution }) => execution === 'x2');
    expect(result.data['text/plain']).toBe('42');
    await kernel.link.stop();
    expect(await kernel.ended).toBe('The kernel was stopped.');
    expect(alive(kernel.link.pid ?? 0)).toBe(false);
  });

  it('sees nothing of the environment but what it needs', async () => {
    const scrubbed = kernelEnvironment({
      PATH: '/bin',
      DATABASE_URL: 'postgres://x:secret@y',
      AWS_TOKEN: 't',
      HOME: '/h',
    });
    expect(scrubbed).toEqual({ PATH: '/bin', HOME: '/h' });
    process.env.TRIALROOM_TEST_SECRET = 'secret';
    const kernel = observe();
    await kernel.ready;
    await kernel.run('x1', 'console.log(JSON.stringify(process.env))');
    expect(kernel.textOf('x1')).toContain('PATH');
    expect(kernel.textOf('x1')).not.toContain('secret');
    await kernel.link.stop();
  });

  it('gives all output back when credit is given late', async () => {
    const held: (() => void)[] = [];
    const kernel = observe({
      onMessage: (message, _payload, taken) => {
        if (message.type === 'stream') {
          characters += message.text.length;
          held.push(taken);
          // Much later, all at once: the kernel has to wait for it.
          if (characters - released > 4_000_000) release();
        } else taken();
        if (message.type === 'done') done.resolve();
      },
    });
    let characters = 0;
    let released = 0;
    const done = Promise.withResolvers<void>();
    const release = (): void => {
      released = characters;
      for (const taken of held.splice(0)) taken();
    };
    await kernel.ready;
    const source = 'for (let i = 0; i < 400; i++) console.log("x".repeat(49_999))';
    kernel.link.send({ type: 'execute', execution: 'x1', cell: 'c', count: 1, source });
    await done.promise;
    expect(characters).toBe(400 * 50_000);
    await kernel.link.stop();
  });

  it('says that it was killed', async () => {
    const kernel = observe();
    await kernel.ready;
    process.kill(kernel.link.pid ?? 0, 'SIGKILL');
    expect(await kernel.ended).toContain('SIGKILL');
  });

  it('says that memory ran out', { timeout: 120_000 }, async () => {
    const kernel = observe({ memoryMb: 300 });
    await kernel.ready;
    const source = 'const kept = []; for (;;) kept.push(new Float64Array(1_000_000).fill(1));';
    kernel.link.send({ type: 'execute', execution: 'x1', cell: 'c', count: 1, source });
    expect(await kernel.ended).toMatch(/ran out of memory.*300 MB/);
  });

  it('says when it could not be started', async () => {
    const kernel = observe({ cwd: join(cwd, 'nowhere') });
    expect(await kernel.ended).toContain('could not be started');
    await kernel.link.stop();
  });

  it('can be stopped before it answers', async () => {
    const kernel = observe();
    await kernel.link.stop();
    expect(await kernel.ended).toBe('The kernel was stopped.');
  });
});

describe('a program that is no kernel of ours', () => {
  const program = async (name: string, body: string): Promise<string> => {
    const path = join(cwd, `${name}.mjs`);
    const connect = `import { connect } from 'node:net';
      const socket = connect(process.argv[process.argv.indexOf('--socket') + 1]);
      const send = (header) => {
        const json = Buffer.from(JSON.stringify(header));
        const head = Buffer.alloc(8);
        head.writeUInt32LE(json.length, 0);
        socket.write(Buffer.concat([head, json]));
      };
      setInterval(() => {}, 1000);\n`;
    await writeFile(path, connect + body);
    return path;
  };

  it.each([
    ['of another version', `send({ type: 'hello', version: 999, pid: 1, node: 'x' });`, /version 999 of the protocol/],
    ['that sends a message nobody knows', `send({ type: 'gossip' });`, /not of the protocol/],
    ['that sends noise', `socket.write(Buffer.alloc(64, 255));`, /cannot be read/],
    [
      'that sends a header that is no JSON',
      `socket.write(Buffer.from([1, 0, 0, 0, 0, 0, 0, 0, 123]));`,
      /cannot be read/,
    ],
    ['that fails', `console.error('no such thing'); process.exit(3);`, /exit code 3. no such thing/],
  ])('%s is ended with a reason', async (name, body, reason) => {
    const entry = await program(name.replaceAll(' ', '-'), body);
    const stranger = observe({ entry });
    expect(await stranger.ended).toMatch(reason);
    expect(alive(stranger.link.pid ?? 0)).toBe(false);
  });

  it('that never answers is given up', async () => {
    const entry = await program('silent', '');
    const stranger = observe({ entry, startTimeoutMs: 50 });
    expect(await stranger.ended).toContain('did not answer within');
  });

  it('takes along what it started', async () => {
    const came = Promise.withResolvers<Socket>();
    const server = createServer((socket) => came.resolve(socket)).listen(0);
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const body = `import { spawn } from 'node:child_process';
      spawn(process.execPath, ['-e', "require('net').connect(${port}).on('error', () => {})"], { stdio: 'ignore' });
      send({ type: 'hello', version: ${PROTOCOL_VERSION}, pid: 1, node: 'x' });`;
    const parent = observe({ entry: await program('parent', body) });
    const child = await came.promise;
    const gone = new Promise((resolve) => child.once('close', resolve));
    child.on('error', () => {});
    child.resume();
    await parent.link.stop(0);
    await gone;
    server.close();
  });
});
