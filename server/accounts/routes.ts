/** The endpoints about people. */
import { accounts as endpoints } from '@trialroom/shared/api/endpoints';
import type { Router } from '../http/register.ts';
import type { Accounts } from './accounts.ts';

/** Registers `accounts` of the HTTP interface. `origin` is the address that invites point to. */
export function accountsRoutes(router: Router, accounts: Accounts, origin: () => string): void {
  router.on(endpoints.me, async ({ person }) => person);
  router.on(endpoints.rename, async ({ person, body: { name, colour } }) =>
    accounts.rename(person.id, {
      ...(name === undefined ? {} : { name }),
      ...(colour === undefined ? {} : { colour }),
    }),
  );
  router.on(endpoints.invite, async ({ body: { role } }) => {
    const token = await accounts.invite(role);
    return { url: `${origin()}/?token=${token}`, role };
  });
}
