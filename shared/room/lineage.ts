/** Where a trial came from and what it led to, as a graph without circles: what the room's panel `graph` draws. */
import { z } from 'zod';

/** `more` stands for those of its neighbours that are left out. */
export const LineageKind = z.enum([
  'notebook',
  'code',
  'parameters',
  'environment',
  'data',
  'run',
  'checkpoint',
  'evaluation',
  'artifact',
  'more',
]);
export type LineageKind = z.infer<typeof LineageKind>;

export const LineageNode = z.object({
  id: z.string(),
  kind: LineageKind,
  name: z.string(),
  /** A few words more: a hash's beginning, a step, a size. Empty: none. */
  detail: z.string(),
  /** Where in this workspace more is known of it; null: nowhere. */
  href: z.string().nullable(),
  /** The whole of it as text, e.g. a hash; null: `name` and `detail` say all. */
  whole: z.string().nullable(),
});
export type LineageNode = z.infer<typeof LineageNode>;

export const Lineage = z.object({
  nodes: z.array(LineageNode),
  /** Ids of nodes; `from` came before `to`. */
  edges: z.array(z.object({ from: z.string(), to: z.string() })),
});
export type Lineage = z.infer<typeof Lineage>;
