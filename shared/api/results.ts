/** HTTP endpoints of results: how well trials did, and the files that they made. */
import { z } from 'zod';
import { Artifact, ArtifactName } from '../trial/artifact.ts';
import { Evaluation } from '../trial/evaluation.ts';
import { endpoint } from './endpoint.ts';

const trial = z.object({ id: z.string().min(1) });

/** An evaluation in a list. */
export const EvaluationListing = z.object({
  name: z.string(),
  task: Evaluation.options[0].shape.task.or(Evaluation.options[1].shape.task),
  count: z.number().int(),
  at: z.number(),
});
export type EvaluationListing = z.infer<typeof EvaluationListing>;

export const results = {
  list: endpoint({
    method: 'get',
    path: '/api/trials/{id}/results',
    summary: 'Evaluations of a trial, newest first, and the newest version of each of its artifacts, by name',
    needs: 'read',
    params: trial,
    reply: z.object({ evaluations: z.array(EvaluationListing), artifacts: z.array(Artifact) }),
  }),
  evaluation: endpoint({
    method: 'get',
    path: '/api/trials/{id}/evaluation',
    summary: 'One evaluation; the newest when no name is given',
    needs: 'read',
    params: trial,
    query: z.object({ name: z.string().min(1).max(200).optional() }),
    reply: Evaluation,
  }),
  versions: endpoint({
    method: 'get',
    path: '/api/trials/{id}/artifact-versions',
    summary: 'Every version of an artifact, newest first',
    needs: 'read',
    params: trial,
    query: z.object({ name: ArtifactName }),
    reply: z.object({ versions: z.array(Artifact) }),
  }),
};

/** Address of an artifact's content; the newest version when none is given. */
export const artifactUrl = (trial: string, name: string, version?: number): string => {
  const query = new URLSearchParams({ name, ...(version === undefined ? {} : { version: String(version) }) });
  return `/api/trials/${encodeURIComponent(trial)}/artifact?${query}`;
};

/** Address of a ZIP archive of all artifacts of a trial. */
export const archiveUrl = (trial: string): string => `/api/trials/${encodeURIComponent(trial)}/artifacts.zip`;
