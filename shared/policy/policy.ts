/**
 * Who may do what. Every door (HTTP, Socket.IO, Yjs update) asks here; the browser asks too, to hide what would be refused,
 * but only the server's answer counts.
 */
import { z } from 'zod';

/** Each role may do all that the roles before it may. */
export const Role = z.enum(['viewer', 'editor', 'owner']);
export type Role = z.infer<typeof Role>;

/** Least role for each action. */
const LEAST: Readonly<Record<Action, Role>> = {
  read: 'viewer',
  comment: 'viewer',
  edit: 'editor',
  run: 'editor',
  control: 'editor',
  invite: 'owner',
};

/** `read` anything · `comment` on it · `edit` documents and files · `run` cells · `control` trials · `invite` people. */
export type Action = 'read' | 'comment' | 'edit' | 'run' | 'control' | 'invite';

/** True when someone of this role may do this. */
export const may = (role: Role, action: Action): boolean =>
  Role.options.indexOf(role) >= Role.options.indexOf(LEAST[action]);

/** Someone who is signed in. `colour` is a pen name of the token file: `a`…`f`. */
export const Person = z.object({
  id: z.string(),
  name: z.string(),
  colour: z.enum(['a', 'b', 'c', 'd', 'e', 'f']),
  role: Role,
});
export type Person = z.infer<typeof Person>;
