/** HTTP endpoints of results. Content of artifacts was made by notebooks: it is only ever a download. */
import { results as endpoints } from '@trialroom/shared/api/endpoints';
import type { Trial } from '@trialroom/shared/trial/trial';
import { Refusal } from '../http/refusal.ts';
import type { Router } from '../http/register.ts';
import { toWeb } from '../http/web-stream.ts';
import { zipped } from './archive.ts';
import type { ArtifactContent, Results } from './results.ts';

export function resultsRoutes(router: Router, results: Results, trials: { get(id: string): Promise<Trial> }): void {
  router.on(endpoints.list, async ({ params }) => {
    const trial = await trials.get(params.id);
    const [evaluations, artifacts] = await Promise.all([results.evaluations(trial.id), results.artifacts(trial)]);
    return { evaluations, artifacts };
  });
  router.on(endpoints.evaluation, async ({ params, query }) =>
    results.evaluation((await trials.get(params.id)).id, query.name),
  );
  router.on(endpoints.versions, async ({ params, query }) => ({
    versions: await results.versions(await trials.get(params.id), query.name),
  }));
  router.raw(
    '/api/trials/{id}/artifact',
    'read',
    'The content of the artifact `name`, of its newest version or the one asked for',
    async ({ params, request }) => {
      const query = new URL(request.url).searchParams;
      const name = query.get('name');
      if (!name) throw missingName();
      const asked = query.get('version');
      const trial = await trials.get(params.id ?? '');
      return download(await results.artifact(trial, name, asked === null ? undefined : versionOf(asked)));
    },
  );
  router.raw('/api/trials/{id}/artifacts.zip', 'read', 'All artifacts of a trial', async ({ params }) => {
    const trial = await trials.get(params.id ?? '');
    const artifacts = await results.artifacts(trial);
    return new Response(toWeb(zipped(artifacts)), {
      headers: {
        'content-type': 'application/zip',
        'content-disposition': attachment(`${trial.name}.zip`),
        'x-content-type-options': 'nosniff',
      },
    });
  });
}

const download = (artifact: ArtifactContent): Response =>
  new Response(toWeb(artifact.read()), {
    headers: {
      'content-type': 'application/octet-stream',
      'content-length': String(artifact.bytes),
      'content-disposition': attachment(artifact.name.split('/').at(-1) ?? 'artifact'),
      etag: `"${artifact.sha256}"`,
      'x-content-type-options': 'nosniff',
    },
  });

/** A name for the file, in ASCII and whole (RFC 6266). */
const attachment = (name: string): string =>
  `attachment; filename="${name.replace(/[^\w .()-]/g, '_')}"; filename*=UTF-8''${encodeURIComponent(name.toWellFormed())}`;

function versionOf(asked: string): number {
  const version = Number(asked);
  if (Number.isInteger(version) && version > 0 && version <= 2_147_483_647) return version;
  throw new Refusal(400, {
    error: 'artifact-version',
    message: `"${asked.slice(0, 100)}" is no version.`,
    where: 'version',
    fix: 'Versions are counted from 1; leave it out for the newest.',
  });
}

const missingName = (): Refusal =>
  new Refusal(400, {
    error: 'artifact-name',
    message: 'No artifact is named.',
    where: 'name',
    fix: 'Give its name: ?name=predictions/test.csv',
  });
