/** A person in the words of Jupyter's `/api/me`. */
import { type Action, may, type Person } from '@trialroom/shared/policy/policy';
import { z } from 'zod';

export interface JupyterIdentity {
  username: string;
  name: string;
  display_name: string;
  initials: string | null;
  avatar_url: string | null;
  color: string | null;
}

export const jupyterIdentity = ({ id, name }: Person): JupyterIdentity => ({
  username: id,
  name,
  display_name: name,
  initials: name
    .split(/\s+/)
    .map((word) => [...word][0] ?? '')
    .slice(0, 2)
    .join('')
    .toUpperCase(),
  avatar_url: null,
  color: null,
});

const Asked = z.record(z.string(), z.array(z.string()));

/** What there is here of Jupyter's resources, and what changing each takes. */
const CHANGES = new Map<string, Action>([
  ['contents', 'edit'],
  ['kernels', 'run'],
  ['kernelspecs', 'edit'],
  ['sessions', 'run'],
  ['server', 'read'],
]);

/** What clients look up to know which parts of an identity can be changed by a request to `/api/me`: none. */
const UPDATABLE = { updatable_fields: [] };

/** Of the asked actions by resource, as JSON, those that this person may do. What is not understood is not allowed. */
export function jupyterPermissions({ role }: Person, asked: string): Record<string, string[]> {
  let value: unknown;
  try {
    value = JSON.parse(asked || '{}');
  } catch {
    return UPDATABLE;
  }
  const answers = Object.fromEntries(
    Object.entries(Asked.safeParse(value).data ?? {}).map(([resource, actions]) => {
      const change = CHANGES.get(resource);
      const allowed = actions.filter(
        (action) => change !== undefined && may(role, action === 'read' ? 'read' : change),
      );
      return [resource, allowed];
    }),
  );
  return { ...answers, ...UPDATABLE };
}
