/** For the simulation: all that can happen, the more often the more often it stands here. */
export const KINDS = [
  'type',
  'type',
  'type',
  'erase',
  'insert',
  'delete',
  'move',
  'split',
  'merge',
  'kind',
  'metadata',
  'undo',
  'redo',
  'run',
  'run',
  'run all',
  'work',
  'work',
  'work',
  'work',
  'interrupt',
  'replace',
  'die',
  'deliver',
  'deliver',
  'deliver',
  'deliver',
  'deliver',
  'store',
  'store',
  'disconnect',
  'connect',
  'connect',
  'restart',
  'crash',
  'lose',
  'file',
  'compact',
] as const;

/** One thing that happens. `a` and `b` choose where. */
export interface Step {
  kind: (typeof KINDS)[number];
  who: number;
  a: number;
  b: number;
}
