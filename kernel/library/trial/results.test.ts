import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ARTIFACT_PIECE } from '@trialroom/shared/trial/artifact';
import { Evaluation } from '@trialroom/shared/trial/evaluation';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadTensorFlow } from '../../backend/tensorflow.ts';
import { MemoryHost } from './memory-host.ts';
import { Trial } from './trial.ts';

let host: MemoryHost;
let folder: string;
beforeEach(async () => {
  host = new MemoryHost();
  folder = await mkdtemp(join(tmpdir(), 'trialroom-artifacts-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const open = (): Trial => new Trial(host, 't1', 'first', '/trials/t1');

/** Files as they arrived, by name, and what kind they are. */
function files(): Map<string, { kind: string; bytes: Buffer; pieces: number }> {
  const found = new Map<string, { kind: string; bytes: Buffer; pieces: number }>();
  for (const message of host.sent) {
    if (message.type !== 'trial.artifact') continue;
    const bytes = host.payloads.get(message.seq) ?? new Uint8Array(0);
    const before = message.piece === 0 ? Buffer.alloc(0) : (found.get(message.name)?.bytes ?? Buffer.alloc(0));
    const whole = Buffer.concat([before, bytes]);
    found.set(message.name, { kind: message.kind, bytes: whole, pieces: message.piece + 1 });
  }
  return found;
}

it('sends an evaluation after its predictions, sums it up, and says it under the cell', async () => {
  const run = open();
  run.log({ loss: 1 });
  await run.evaluate({
    truth: [0, 1, 1, 0],
    probabilities: [0.2, 0.9, 0.4, 0.1],
    classes: ['ham', 'spam'],
    ids: 'abcd'.split(''),
  });
  const numbered = host.sent.flatMap((message) => ('seq' in message ? [message.type] : []));
  expect(numbered).toEqual(['trial.points', 'trial.artifact', 'trial.evaluation']);
  expect(files().get('predictions/test.csv')?.bytes.toString()).toBe(
    'id,truth,predicted,confidence,p(ham),p(spam)\r\na,ham,ham,0.8,0.8,0.2\r\nb,spam,spam,0.9,0.1,0.9\r\nc,spam,ham,0.6,0.6,0.4\r\nd,ham,ham,0.9,0.9,0.1\r\n',
  );
  const sent = Evaluation.parse(JSON.parse(Buffer.from(host.payloads.get(3) ?? []).toString()));
  expect(sent).toMatchObject({ task: 'classification', accuracy: 0.75, confusion: [2, 0, 1, 1] });
  expect(host.sent).toContainEqual(
    expect.objectContaining({ type: 'trial.summary', summary: expect.objectContaining({ 'test/accuracy': 0.75 }) }),
  );
  expect(String(host.displayed.at(-1)?.['text/plain'])).toContain('accuracy 75.00 %');
});

it('sends nothing of an evaluation that cannot be', async () => {
  const run = open();
  await expect(run.evaluate({ truth: [0, 7], probabilities: [0.1, 0.2] })).rejects.toThrow('truth[1] is 7');
  expect(host.sent.filter((message) => 'seq' in message)).toEqual([]);
});

it('sends bytes, texts, files larger than a piece, and folders file by file', async () => {
  const run = open();
  const large = Buffer.alloc(ARTIFACT_PIECE * 2 + 5, 7);
  await mkdir(join(folder, 'sub'));
  await writeFile(join(folder, 'large.bin'), large);
  await writeFile(join(folder, 'sub', 'empty'), '');
  await run.artifact('note.txt', { text: 'hé' }, { kind: 'media' });
  await run.artifact('exact.bin', new Uint8Array(ARTIFACT_PIECE));
  await run.artifact('all', { path: folder });
  const sent = files();
  expect([...sent.keys()].sort()).toEqual(['all/large.bin', 'all/sub/empty', 'exact.bin', 'note.txt']);
  expect(sent.get('note.txt')).toMatchObject({ kind: 'media', bytes: Buffer.from('hé') });
  expect(sent.get('exact.bin')).toMatchObject({ pieces: 1 });
  expect(sent.get('all/large.bin')?.pieces).toBe(3);
  expect(sent.get('all/large.bin')?.bytes.equals(large)).toBe(true);
  expect(sent.get('all/sub/empty')?.bytes.length).toBe(0);
  for (const message of host.sent)
    if (message.type === 'trial.artifact' && message.name === 'all/sub/empty') expect(message.last).toBe(true);
});

it('keeps a model in the format that its name asks for', async () => {
  const tf = loadTensorFlow();
  const run = open();
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [3] })] });
  await run.model(model);
  await run.model(model, 'models/m');
  const sent = files();
  expect([...sent.keys()].sort()).toEqual([
    'model.safetensors',
    'models/m/model.json',
    expect.stringMatching(/^models\/m\/weights-/),
  ]);
  expect(sent.get('model.safetensors')?.kind).toBe('model');
});

it('refuses names that lead elsewhere, and paths that are not there', async () => {
  const run = open();
  await expect(run.artifact('../x', { text: '' })).rejects.toThrow('cannot be a name');
  await expect(run.artifact('x', { path: join(folder, 'none') })).rejects.toThrow('ENOENT');
  await run.finish();
  await expect(run.artifact('x', { text: '' })).rejects.toThrow('is over');
});
