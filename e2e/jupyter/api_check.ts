/**
 * The same requests to Jupyter's own server and to a Trialroom server, one after another: what a client would notice
 * (statuses, the members of an answer and their types, where a new thing is) has to be the same in both.
 *   node api_check.ts PYTHON    with Jupyter's packages and our kernelspec in its environment (see check.sh)
 */
import { strict as assert } from 'node:assert';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServer } from '../server.ts';
import { MEANT, STEPS } from './api-steps.ts';
import { startJupyter } from './jupyter-server.ts';

const python = process.argv[2] ?? 'python3';

/** What a client sees of an answer. */
interface Seen {
  status: number;
  /** Type of each member, by its place. */
  members: Map<string, string>;
  location: boolean;
  type: string;
}

const HEADERS: Record<string, (token: string) => Record<string, string>> = {
  header: (token) => ({ authorization: `token ${token}` }),
  bearer: (token) => ({ authorization: `Bearer ${token}` }),
  wrong: () => ({ authorization: 'token wrong' }),
  none: () => ({}),
  address: () => ({}),
};

const withToken = (address: string, token: string): string =>
  `${address}${address.includes('?') ? '&' : '?'}token=${token}`;

async function walk({ url, token }: { url: string; token: string }): Promise<Map<string, Seen>> {
  const kept = new Map<string, string>();
  const filled = (text: string): string => text.replace(/\{(\w+)\}/g, (whole, name: string) => kept.get(name) ?? whole);
  const seen = new Map<string, Seen>();
  for (const [index, { method, path, body, keep = {}, auth }] of STEPS.entries()) {
    const answer = await fetch(auth === 'address' ? withToken(url + filled(path), token) : url + filled(path), {
      method,
      redirect: 'manual',
      signal: AbortSignal.timeout(30_000),
      headers: (HEADERS[auth ?? 'header'] ?? HEADERS.none)?.(token) ?? {},
      ...(body === undefined ? {} : { body: body === 'no JSON' ? 'no JSON' : filled(JSON.stringify(body)) }),
    });
    const text = await answer.text();
    const [type = ''] = (answer.headers.get('content-type') ?? '').split(';');
    const value = type === 'application/json' ? parsed(text) : undefined;
    for (const [name, place] of Object.entries(keep)) kept.set(name, String(at(value, place)));
    const members = new Map<string, string>();
    // What is wrong is said in words of one's own.
    if (answer.status < 400) shape(value, '', members);
    else if (value !== undefined) members.set('message', typeof at(value, 'message'));
    seen.set(
      `${String(index).padStart(3)} ${method} ${path}${auth ? ` (${auth})` : ''} ${body === undefined ? '' : JSON.stringify(body).slice(0, 90)}`.trimEnd(),
      {
        ...{ status: answer.status, members, type },
        location: answer.headers.has('location'),
      },
    );
  }
  return seen;
}

/** Jupyter's server calls some texts JSON that are none. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const at = (value: unknown, place: string): unknown =>
  place
    .split('.')
    .reduce<unknown>((one, name) => (Object(one) === one ? Reflect.get(Object(one), name) : undefined), value);

/** The type of each member; of a list, of its first. */
function shape(value: unknown, place: string, into: Map<string, string>): void {
  if (Array.isArray(value)) {
    into.set(place, 'list');
    if (value.length > 0) shape(value[0], `${place}[]`, into);
  } else if (typeof value === 'object' && value !== null) {
    into.set(place, 'object');
    for (const [name, member] of Object.entries(value)) shape(member, `${place}.${name}`, into);
  } else into.set(place, value === null ? 'null' : typeof value);
}

function differences(theirs: Seen, ours: Seen): string[] {
  const said: string[] = [];
  // Where it fails on a wrong request, we say what was wrong.
  if (theirs.status >= 500 && ours.status < 500) return [];
  if (theirs.status !== ours.status) return [`status ${theirs.status} there, ${ours.status} here`];
  if (theirs.type !== ours.type) said.push(`type ${theirs.type || 'none'} there, ${ours.type || 'none'} here`);
  if (theirs.location && !ours.location) said.push('no Location here');
  for (const [place, type] of theirs.members) {
    const here = ours.members.get(place);
    // What may be null is not always so.
    if (here !== type && !(type === 'null' && here !== undefined))
      said.push(`${place || 'it'}: ${type} there, ${here ?? 'missing'} here`);
  }
  return said;
}

const folder = await mkdtemp(join(tmpdir(), 'trialroom-jupyter-api-'));
const jupyter = await startJupyter({ python, module: 'jupyter_server', folder });
const trialroom = await startServer({ notebooksDir: await mkdtemp(join(tmpdir(), 'trialroom-api-')) });
try {
  const [theirs, ours] = [await walk(jupyter), await walk(trialroom)];
  const unmeant: string[] = [];
  for (const [step, there] of theirs) {
    const here = ours.get(step);
    assert(here, step);
    for (const difference of differences(there, here)) {
      const meant = MEANT.find(([of, part]) => of.test(step) && part.test(difference));
      if (!meant) unmeant.push(`${step}\n      ${difference}`);
    }
  }
  assert.equal(unmeant.length, 0, `\n  ${unmeant.join('\n  ')}`);
  console.log(`${STEPS.length} requests          the same from Jupyter's server and from Trialroom`);
} finally {
  await jupyter.stop();
  await trialroom.stop();
  await rm(folder, { recursive: true, force: true });
}
