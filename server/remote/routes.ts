/** HTTP endpoints of trials that scripts tell of. */
import { remote as endpoints, REMOTE_VERSION, RemoteId, remoteRecords } from '@trialroom/shared/api/remote';
import { Refusal } from '../http/refusal.ts';
import type { Router } from '../http/register.ts';
import type { Remote } from './remote.ts';

export function remoteRoutes(router: Router, remote: Remote): void {
  router.on(endpoints.open, ({ body, person }) => remote.open(body, person));
  router.on(endpoints.beat, ({ params, body }) => remote.beat(params.id, body.version));
  const { path, needs, summary, query } = remoteRecords;
  router.upload(path, needs, summary, async ({ params, request }) => {
    const asked = query.safeParse(Object.fromEntries(new URL(request.url).searchParams));
    const id = RemoteId.safeParse(params.id);
    if (!asked.success || !id.success) {
      const issue = (asked.error ?? id.error)?.issues[0];
      throw new Refusal(400, {
        error: 'bad-input',
        message: `${issue?.path.map(String).join('.') || 'id'}: ${issue?.message ?? 'is wrong'}`,
        where: `POST ${path}`,
        fix: `give ?version=${REMOTE_VERSION}&after=0 and, as the body, records`,
      });
    }
    const bytes = new Uint8Array(await request.arrayBuffer());
    return Response.json(await remote.take(id.data, { ...asked.data, bytes }));
  });
}
