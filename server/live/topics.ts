/** Topics of the hub, as they come from outside. */
import type { Topic } from '@trialroom/shared/live/events';

export type TopicKind = 'home' | 'notebook' | 'trial';

/** Reads a topic; null when it is none. */
export function readTopic(value: unknown): { topic: Topic; kind: TopicKind; id: string | null } | null {
  if (typeof value !== 'string' || value.length > 200) return null;
  if (value === 'home') return { topic: 'home', kind: 'home', id: null };
  const at = value.indexOf(':');
  const kind = value.slice(0, at);
  const id = value.slice(at + 1);
  if (id === '' || (kind !== 'notebook' && kind !== 'trial')) return null;
  return { topic: `${kind}:${id}`, kind, id };
}
