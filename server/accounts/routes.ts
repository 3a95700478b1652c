/** The endpoints about people. */
import { accounts as endpoints, people } from '@trialroom/shared/api/endpoints';
import type { Router } from '../http/register.ts';
import type { Accounts } from './accounts.ts';
import { jupyterIdentity, jupyterPermissions } from './jupyter-identity.ts';

/** Registers `accounts` of the HTTP interface. `origin` is the address that invites point to. */
export function accountsRoutes(router: Router, accounts: Accounts, origin: () => string): void {
  router.on(endpoints.me, async ({ person, query: { permissions } }) => ({
    ...person,
    identity: jupyterIdentity(person),
    permissions: jupyterPermissions(person, permissions ?? ''),
  }));
  router.on(endpoints.rename, async ({ person, body: { name, colour } }) =>
    accounts.rename(person.id, {
      ...(name === undefined ? {} : { name }),
      ...(colour === undefined ? {} : { colour }),
    }),
  );
  router.on(people.list, async () => ({
    people: (await accounts.people()).map(({ id, name, colour }) => ({ id, name, colour })),
  }));
  router.on(endpoints.invite, async ({ body: { role } }) => {
    const token = await accounts.invite(role);
    return { url: `${origin()}/?token=${token}`, role };
  });
}
