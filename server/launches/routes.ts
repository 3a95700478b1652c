/** HTTP endpoints of launching. */
import { trials as endpoints } from '@trialroom/shared/api/endpoints';
import type { Router } from '../http/register.ts';
import type { Launches } from './launches.ts';

export function launchesRoutes(router: Router, launches: Launches): void {
  router.on(endpoints.launch, ({ body, person: { id, name, colour } }) => launches.launch(body, { id, name, colour }));
  router.on(endpoints.executed, ({ params }) => launches.executed(params.id));
}
