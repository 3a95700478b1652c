/**
 * Where a trial came from and what it led to. All of it is known to other capabilities; they are asked, and what they say is
 * put in order here.
 */
import { artifactUrl } from '@trialroom/shared/api/results';
import type { Lineage, LineageNode } from '@trialroom/shared/room/lineage';
import { predictionsName } from '@trialroom/shared/trial/evaluation';
import { stepOf, type TrialEvent } from '@trialroom/shared/trial/event';
import type { Trial } from '@trialroom/shared/trial/trial';
import type { Capture, Captured } from '../comparison/capture.ts';
import type { Results } from '../results/results.ts';
import type { Trials } from '../trials/trials.ts';

/** Runs of a trial that are drawn, the newest; artifacts and evaluations that are drawn. */
const MOST_RUNS = 4;
const MOST_FILES = 12;
/** Events that are looked through, the newest. */
const MOST_EVENTS = 1000;

/** What is known of a trial. */
export interface LineageFacts {
  trial: Trial;
  captured: Captured | undefined;
  /** Events of the kind `started`, and `checkpoint`, oldest first. */
  started: readonly TrialEvent[];
  checkpoints: readonly TrialEvent[];
  /** Newest first. */
  evaluations: Awaited<ReturnType<Results['evaluations']>>;
  artifacts: readonly Pick<
    Awaited<ReturnType<Results['artifacts']>>[number],
    'name' | 'kind' | 'version' | 'bytes' | 'sha256' | 'at'
  >[];
}

export interface LineageOptions {
  trials: Pick<Trials, 'get' | 'eventsOf'>;
  capture: Pick<Capture, 'read'>;
  results: Pick<Results, 'evaluations' | 'artifacts'>;
}

/** @throws Refusal (404) */
export async function readLineage({ trials, capture, results }: LineageOptions, id: string): Promise<Lineage> {
  const trial = await trials.get(id);
  const [captured, started, checkpoints, evaluations, artifacts] = await Promise.all([
    capture.read([id]),
    trials.eventsOf(id, { kinds: ['started'], limit: MOST_EVENTS }),
    trials.eventsOf(id, { kinds: ['checkpoint'], limit: MOST_EVENTS }),
    results.evaluations(id),
    results.artifacts(trial),
  ]);
  return lineageOf({ trial, captured: captured.get(id), started, checkpoints, evaluations, artifacts });
}

const short = (hash: string): string => hash.slice(0, 10);
const written = (count: number): string => count.toLocaleString('en');

/** The graph of what is known. Each run goes on from the last checkpoint of the run before. Pure. */
export function lineageOf(facts: LineageFacts): Lineage {
  const { trial, captured, started, checkpoints } = facts;
  const nodes: LineageNode[] = [];
  const edges: Lineage['edges'] = [];
  const add = (node: Pick<LineageNode, 'id' | 'kind' | 'name'> & Partial<LineageNode>, ...from: string[]): string => {
    nodes.push({ detail: '', href: null, whole: null, ...node });
    for (const one of from) edges.push({ from: one, to: node.id });
    return node.id;
  };
  const roots = rootsOf(trial, captured, checkpoints, add);
  const results = `/trials/${encodeURIComponent(trial.id)}/results`;

  /** A trial that has not begun yet is one node as well. */
  const runs = started.length > 0 ? started.map(({ seq, at }) => ({ seq, at })) : [{ seq: 0, at: trial.createdAt }];
  const first = Math.max(0, runs.length - MOST_RUNS);
  const shown: { id: string; at: number }[] = [];
  let before = roots;
  for (const [at, run] of runs.entries()) {
    if (at < first) continue;
    const last = at === runs.length - 1;
    const id = add(
      {
        ...{
          id: `run-${at + 1}`,
          kind: 'run',
          name: runs.length === 1 ? trial.name : `Run ${at + 1} of ${runs.length}`,
        },
        detail: last ? trial.status : 'was interrupted',
        href: `/trials/${encodeURIComponent(trial.id)}`,
        whole: trial.name,
      },
      ...before,
    );
    shown.push({ id, at: run.at });
    const end = runs[at + 1]?.seq ?? Number.POSITIVE_INFINITY;
    const own = checkpoints.filter(({ seq }) => seq > run.seq && seq < end);
    const newest = own.at(-1);
    before = [id];
    if (!newest) continue;
    const { path } = newest.data;
    const checkpoint = add(
      {
        ...{ id: `checkpoint-${newest.seq}`, kind: 'checkpoint' },
        name: `Step ${written(stepOf(newest) ?? 0)}`,
        detail: own.length > 1 ? `checkpoint, ${written(own.length - 1)} before it` : '',
        whole: typeof path === 'string' ? path : null,
      },
      id,
    );
    before = [checkpoint];
  }

  /** The run during which something was made. */
  const runAt = (at: number): string => (shown.findLast((run) => run.at <= at) ?? shown[0])?.id ?? 'run-1';
  const evaluated = new Map<string, string>();
  for (const { name, task, count, at } of facts.evaluations.slice(0, MOST_FILES)) {
    const id = `evaluation-${name}`;
    const detail = `${task}, ${written(count)} examples`;
    evaluated.set(
      predictionsName(name),
      add(
        { id, kind: 'evaluation', name, detail, href: `${results}?evaluation=${encodeURIComponent(name)}` },
        runAt(at),
      ),
    );
  }
  // Parameters and environment stand among what it came from.
  const files = facts.artifacts.filter(({ kind }) => kind !== 'parameters' && kind !== 'environment');
  for (const { name, kind, version, bytes, sha256, at } of files.slice(0, MOST_FILES)) {
    add(
      {
        ...{ id: `artifact-${name}`, kind: 'artifact', name, whole: `SHA-256 ${sha256}` },
        detail: [kind, version > 1 ? `version ${version}` : '', `${written(bytes)} bytes`].filter(Boolean).join(', '),
        href: artifactUrl(trial.id, name, version),
      },
      evaluated.get(name) ?? runAt(at),
    );
  }
  const rest = Math.max(0, files.length - MOST_FILES) + Math.max(0, facts.evaluations.length - MOST_FILES);
  if (rest > 0) {
    const name = `${written(rest)} more results`;
    add({ id: 'more-results', kind: 'more', name, href: results }, shown.at(-1)?.id ?? 'run-1');
  }
  return { nodes, edges };
}

type Add = (node: Pick<LineageNode, 'id' | 'kind' | 'name'> & Partial<LineageNode>, ...from: string[]) => string;

const KINDS = {
  session: 'as it stood in the editor',
  launched: 'as it was launched',
  script: 'a program',
} as const;

/** What there was before the trial ran; ids of what it came from directly. */
function rootsOf(trial: Trial, captured: Captured | undefined, checkpoints: readonly TrialEvent[], add: Add): string[] {
  const roots: string[] = [];
  const { notebook, params } = trial;
  const book = notebook && {
    ...{ id: 'notebook', kind: 'notebook' as const, name: notebook.path, whole: notebook.path },
    href: `/notebooks/${encodeURIComponent(notebook.id)}`,
  };
  const from = book ? [add(book)] : [];
  if (captured?.code && captured.codeHash) {
    const [script] = captured.code.cells;
    roots.push(
      add(
        {
          ...{ id: 'code', kind: 'code', whole: `SHA-256 ${captured.codeHash}` },
          name: captured.code.kind === 'script' && script ? script.id : `Code ${short(captured.codeHash)}`,
          detail: captured.code.kind === 'script' ? short(captured.codeHash) : KINDS[captured.code.kind],
        },
        ...from,
      ),
    );
  } else roots.push(...from);
  const names = Object.keys(params);
  if (names.length > 0) {
    const count = `${written(names.length)} ${names.length === 1 ? 'parameter' : 'parameters'}`;
    roots.push(
      add({
        id: 'parameters',
        kind: 'parameters',
        name: count,
        detail: names.join(', '),
        whole: JSON.stringify(params),
      }),
    );
  }
  const environment = captured?.environment;
  if (environment) {
    const { node, backend, git, lockHash } = environment;
    roots.push(
      add({
        ...{ id: 'environment', kind: 'environment', name: backend ?? `Node ${node}` },
        detail: git
          ? `commit ${short(git.commit)}${git.dirty ? ', changed' : ''}`
          : backend === null
            ? environment.platform
            : `Node ${node}`,
        whole: [environment.platform, environment.cpu, lockHash === null ? '' : `packages ${lockHash}`]
          .filter(Boolean)
          .join(', '),
      }),
    );
  }
  const hashes = new Set(checkpoints.flatMap(({ data }) => (typeof data.data === 'string' ? [data.data] : [])));
  for (const hash of hashes) {
    roots.push(
      add({ id: `data-${hash}`, kind: 'data', name: 'Training data', detail: short(hash), whole: `SHA-256 ${hash}` }),
    );
  }
  return roots;
}
