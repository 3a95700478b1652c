/**
 * The hub tells people what is new, and lets processes of one workspace tell each other. It holds nothing durable:
 * what it sends can be read again from the store, so a lost message costs a re-read, never data.
 */
import type { Presence, ServerToClient, Snapshot, Topic } from '@trialroom/shared/live/events';
import type { Person } from '@trialroom/shared/policy/policy';

/** Payload of a server event. */
export type Payload<E extends keyof ServerToClient> = Parameters<ServerToClient[E]>[0];

/** Makes the snapshot of a topic; `id` is null for `home`. Throws a `Refusal` when there is no such thing. */
export type SnapshotMaker = (id: string | null, person: Person) => Promise<Snapshot>;

export interface Hub {
  /** Sends an event to all who watch the topic, through every server of the workspace. */
  emit<E extends keyof ServerToClient>(topic: Topic, event: E, payload: Payload<E>): void;
  /** Sends an event to every window of one person, whatever it watches. */
  tell<E extends keyof ServerToClient>(person: string, event: E, payload: Payload<E>): void;
  /** Registers who answers a `watch` of this kind of topic. A watcher joins first and reads then, so nothing falls between. */
  provide(kind: 'home' | 'notebook' | 'trial', make: SnapshotMaker): void;
  /** Who is connected and what they watch. */
  present(): Presence[];
  /** Sends a JSON message to every process that subscribed to the channel, this one included. */
  publish(channel: string, message: unknown): Promise<void>;
  /** Listens to a channel; the returned function ends it. */
  subscribe(channel: string, handler: (message: unknown) => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
}
