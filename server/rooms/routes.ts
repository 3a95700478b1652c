/** Rooms over HTTP. */
import { rooms as endpoints, lineage, MOST_TRIALS } from '@trialroom/shared/api/endpoints';
import type { Router } from '../http/register.ts';
import { type LineageOptions, readLineage } from './lineage.ts';
import type { Rooms } from './rooms.ts';

export function roomsRoutes(router: Router, rooms: Rooms, sources: LineageOptions): void {
  router.on(lineage.get, ({ params }) => readLineage(sources, params.id));
  router.on(endpoints.open, async ({ params }) => ({
    ...(await rooms.trials(params.id, MOST_TRIALS)),
    dashboard: `/yjs/room/${encodeURIComponent(params.id)}`,
  }));
}
