/**
 * Who is connected and what they watch, gathered from every server of the workspace. Each tells the others what it has;
 * one that falls silent is forgotten.
 */
import type { Presence, Topic } from '@trialroom/shared/live/events';
import { Person } from '@trialroom/shared/policy/policy';
import { z } from 'zod';
import { readTopic } from './topics.ts';

const Report = z.object({
  server: z.string(),
  present: z.array(
    z.object({
      person: Person,
      topics: z.array(
        z.string().transform((text, context): Topic => {
          const read = readTopic(text);
          if (read) return read.topic;
          context.addIssue('no such topic');
          return z.NEVER;
        }),
      ),
    }),
  ),
});
export type Report = z.input<typeof Report>;

export interface PresenceList {
  /** A connection came; `id` is its own. */
  enter(id: string, person: Person): void;
  watch(id: string, topic: Topic): void;
  unwatch(id: string, topic: Topic): void;
  leave(id: string): void;
  /** Someone has another name, colour or role now. */
  rename(person: Person): void;
  /** Takes in what another server said; what is not a report is ignored. */
  hear(message: unknown): void;
  /** What this server tells the others. */
  report(): Report;
  /** Forgets servers that said nothing since `before` (ms since the epoch); true when there were any. */
  forget(before: number): boolean;
  /** Everyone, each person once, in order of their ids. */
  all(): Presence[];
}

/**
 * @param server this server's own name
 * @param changed called after each change
 */
export function createPresence(server: string, changed: () => void): PresenceList {
  const here = new Map<string, { person: Person; topics: Set<Topic> }>();
  const elsewhere = new Map<string, { at: number; present: Presence[] }>();

  const merge = (lists: Iterable<Presence>): Presence[] => {
    const people = new Map<string, { person: Person; topics: Set<Topic> }>();
    for (const { person, topics } of lists) {
      const entry = people.get(person.id) ?? { person, topics: new Set<Topic>() };
      for (const topic of topics) entry.topics.add(topic);
      people.set(person.id, entry);
    }
    return [...people.values()]
      .sort((a, b) => (a.person.id < b.person.id ? -1 : 1))
      .map(({ person, topics }) => ({ person, topics: [...topics].sort() }));
  };
  const local = (): Presence[] => [...here.values()].map(({ person, topics }) => ({ person, topics: [...topics] }));

  return {
    enter: (id, person) => {
      here.set(id, { person, topics: new Set() });
      changed();
    },
    watch: (id, topic) => {
      here.get(id)?.topics.add(topic);
      changed();
    },
    unwatch: (id, topic) => {
      if (here.get(id)?.topics.delete(topic)) changed();
    },
    leave: (id) => {
      if (here.delete(id)) changed();
    },
    rename: (person) => {
      for (const entry of here.values()) if (entry.person.id === person.id) entry.person = person;
      changed();
    },
    hear: (message) => {
      const report = Report.safeParse(message);
      if (!report.success || report.data.server === server) return;
      elsewhere.set(report.data.server, { at: Date.now(), present: report.data.present });
      changed();
    },
    report: () => ({ server, present: merge(local()) }),
    forget: (before) => {
      const silent = [...elsewhere].filter(([, { at }]) => at < before);
      for (const [name] of silent) elsewhere.delete(name);
      if (silent.length > 0) changed();
      return silent.length > 0;
    },
    all: () => merge([...local(), ...[...elsewhere.values()].flatMap(({ present }) => present)]),
  };
}
