/** Who is signed in in this browser, and what they may do. The server decides; this only hides what it would refuse. */
import { accounts } from '@trialroom/shared/api/endpoints';
import { type Action, may as mayRole, type Person } from '@trialroom/shared/policy/policy';
import { createResource, createRoot } from 'solid-js';
import { call } from './api.ts';

const resource = createRoot(() => createResource<Person>(() => call(accounts.me)));

/** The person, once known; reading it suspends nothing. */
export const me = (): Person | undefined =>
  resource[0].state === 'ready' || resource[0].state === 'refreshing' ? resource[0].latest : undefined;

/** Why the person is not known, when asking failed. */
export const meFailed = (): unknown => (resource[0].state === 'errored' ? resource[0].error : undefined);

/** Asks again. */
export const refreshMe = (): void => void resource[1].refetch();

/** True when this person may do this; false until the person is known. */
export const may = (action: Action): boolean => {
  const person = me();
  return person !== undefined && mayRole(person.role, action);
};
