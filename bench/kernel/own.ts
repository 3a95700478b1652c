/** Rows of the kernel bench that no peer has: our own line without ZeroMQ, types of a large library, the warm pool. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeFrame, FrameReader } from '@trialroom/shared/kernel/framing';
import { FromLanguage, type ToLanguage } from '@trialroom/shared/language/language';
import { io } from 'socket.io-client';
import { z } from 'zod';
import { call } from '../../e2e/api.ts';
import { writeNotebook } from '../../e2e/notebook-file.ts';
import { startServer } from '../../e2e/server.ts';
import { startKernel } from '../../kernel/process/harness.ts';
import { quantile, type Row } from '../report.ts';

/** Median ms of `1+1` over our own socket. */
export async function ourRoundtrip(times: number): Promise<number> {
  const kernel = await startKernel();
  const took: number[] = [];
  for (let turn = 0; turn < times + 20; turn++) {
    const from = performance.now();
    await kernel.run('1+1');
    if (turn >= 20) took.push(performance.now() - from);
  }
  await kernel.close();
  return quantile(took, 0.5);
}

const TENSORS = [
  { cell: 'import', source: "import * as tf from '@tensorflow/tfjs';" },
  { cell: 'make', source: 'const x = tf.tensor([1, 2, 3]);' },
];

/** Completions of TensorFlow.js by its types: the first after the start of the language process, and the later ones. */
export async function completionWithTypes(): Promise<Row[]> {
  const first: number[] = [];
  const warm: number[] = [];
  for (let turn = 0; turn < 3; turn++) {
    const from = performance.now();
    const entry = fileURLToPath(import.meta.resolve('trialroom/language'));
    const child = spawn(process.execPath, [entry], { stdio: ['pipe', 'pipe', 'inherit'] });
    const reader = new FrameReader();
    const waiting = new Map<number, (message: FromLanguage) => void>();
    child.stdout.on('data', (chunk) => {
      for (const { header } of reader.push(chunk)) {
        const message = FromLanguage.parse(header);
        if ('request' in message) waiting.get(message.request)?.(message);
      }
    });
    const send = (message: ToLanguage): boolean => child.stdin.write(encodeFrame(message));
    const folder = fileURLToPath(new URL('../../notebooks', import.meta.url));
    let request = 0;
    const ask = async (source: string): Promise<void> => {
      const cells = [...TENSORS, { cell: 'ask', source }];
      send({ type: 'cells', notebook: 'bench', folder, cells });
      const id = ++request;
      const answered = new Promise<FromLanguage>((resolve) => waiting.set(id, resolve));
      const query = { ask: 'complete', cell: 'ask', source, offset: source.length } as const;
      send({ type: 'query', request: id, notebook: 'bench', query });
      const message = await answered;
      const items = message.type === 'answer' && message.answer.ask === 'complete' ? message.answer.items : [];
      if (items.length === 0) throw new Error(`no completions came for ${source}: ${JSON.stringify(message)}`);
    };
    await ask('tf.');
    first.push(performance.now() - from);
    for (let index = 0; index < 15; index++) {
      const asked = performance.now();
      await ask(index % 2 === 0 ? `let k${index} = 1;\nx.` : `let k${index} = 1;\ntf.`);
      warm.push(performance.now() - asked);
    }
    child.kill('SIGKILL');
  }
  return [
    { name: 'tfjs-first', unit: 'ms', ours: quantile(first, 0.5), goal: 400 },
    { name: 'tfjs-warm', unit: 'ms', ours: quantile(warm, 0.5), goal: 60 },
  ];
}

const NOTEBOOKS = 6;
const Listing = z.object({ notebooks: z.array(z.object({ id: z.string(), path: z.string() })) });

/** From the request to run the first cell of a notebook nobody has run to its result, on a server at rest. */
export async function warmPool(): Promise<Row> {
  const notebooksDir = await mkdtemp(join(tmpdir(), 'trialroom-bench-'));
  for (let index = 0; index < NOTEBOOKS; index++) {
    await writeNotebook(join(notebooksDir, `new-${index}.ipynb`), [{ id: 'first', source: '6 * 7' }]);
  }
  const server = await startServer({ notebooksDir, env: { TRIALROOM_WARM_KERNELS: '1' } });
  const { notebooks } = await call(server, 'GET', '/api/notebooks', Listing);
  const socket = io(server.url, {
    transports: ['websocket'],
    extraHeaders: { authorization: `Bearer ${server.token}` },
  });
  const took: number[] = [];
  for (const { id } of notebooks) {
    await call(server, 'POST', `/api/notebooks/${id}/open`, z.unknown(), {});
    await socket.emitWithAck('watch', `notebook:${id}`);
    // The pool is filled again while nobody asks for anything.
    await new Promise((resolve) => setTimeout(resolve, 4000));
    const seen = new Promise<void>((resolve) => {
      socket.on('output', (event) => {
        if (event.notebook === id && JSON.stringify(event.events).includes('42')) resolve();
      });
    });
    const from = performance.now();
    await call(server, 'POST', `/api/notebooks/${id}/run`, z.unknown(), { cells: ['first'] });
    await seen;
    took.push(performance.now() - from);
  }
  socket.close();
  await server.stop();
  await rm(notebooksDir, { recursive: true, force: true });
  return { name: 'warm-pool', unit: 'ms', ours: quantile(took, 0.5), goal: 150 };
}
