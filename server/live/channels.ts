/** Messages between the processes of one workspace: inside one process, or through Redis. Nothing is kept for the absent. */
import type { Redis } from 'ioredis';

export interface Channels {
  /** Sends a JSON message to every subscriber in every process, this one included. */
  publish(channel: string, message: unknown): Promise<void>;
  /** Resolves once messages arrive; the returned function ends it. */
  subscribe(channel: string, handler: (message: unknown) => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

type Handlers = Map<string, Set<(message: unknown) => void>>;

/** Channels within one process. Handlers get a copy, as they would from another process. */
export function localChannels(onError: (error: unknown) => void): Channels {
  const handlers: Handlers = new Map();
  return {
    publish: async (channel, message) => {
      const text = JSON.stringify(message);
      // Later, as through a network: a publisher never runs its own subscribers inside its call.
      await Promise.resolve();
      deliver(handlers, channel, text, onError);
    },
    subscribe: async (channel, handler) => {
      add(handlers, channel, handler);
      return async () => {
        remove(handlers, channel, handler);
      };
    },
    close: async () => handlers.clear(),
  };
}

/**
 * Channels through Redis.
 * @param publisher a connection for commands; not closed here
 * @param subscriber a connection of its own for listening; not closed here
 * @param prefix begins the name of every channel
 */
export function redisChannels(
  publisher: Redis,
  subscriber: Redis,
  prefix: string,
  onError: (error: unknown) => void,
): Channels {
  const handlers: Handlers = new Map();
  const begin = `${prefix}:channel:`;
  const receive = (name: string, text: string): void => {
    if (name.startsWith(begin)) deliver(handlers, name.slice(begin.length), text, onError);
  };
  subscriber.on('message', receive);
  return {
    publish: async (channel, message) => {
      await publisher.publish(begin + channel, JSON.stringify(message));
    },
    subscribe: async (channel, handler) => {
      const first = add(handlers, channel, handler);
      if (first) await subscriber.subscribe(begin + channel);
      return async () => {
        if (remove(handlers, channel, handler)) await subscriber.unsubscribe(begin + channel);
      };
    },
    close: async () => {
      subscriber.off('message', receive);
      handlers.clear();
    },
  };
}

function add(handlers: Handlers, channel: string, handler: (message: unknown) => void): boolean {
  const known = handlers.get(channel);
  if (known) known.add(handler);
  else handlers.set(channel, new Set([handler]));
  return known === undefined;
}

/** True when it was the last of its channel. */
function remove(handlers: Handlers, channel: string, handler: (message: unknown) => void): boolean {
  const known = handlers.get(channel);
  if (!known?.delete(handler) || known.size > 0) return false;
  handlers.delete(channel);
  return true;
}

function deliver(handlers: Handlers, channel: string, text: string, onError: (error: unknown) => void): void {
  for (const handler of [...(handlers.get(channel) ?? [])]) {
    try {
      handler(JSON.parse(text));
    } catch (error) {
      onError(error);
    }
  }
}
