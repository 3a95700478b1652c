/** Who hears of trials: those who watch, this process's own listeners, and whoever hosts a trial that people want something of. */
import type { TrialOpen } from '@trialroom/shared/kernel/protocol';
import type { TrialEvent } from '@trialroom/shared/trial/event';
import type { Trial } from '@trialroom/shared/trial/trial';
import type { Hub } from '../live/hub.ts';
import { controlChannel, type TrialOrigin, type Wish } from './sink.ts';

/** Called when code opened a trial, whether it is new or was launched: what it said of itself, and where it runs. */
export type OnOpen = (trial: string, open: TrialOpen, origin: TrialOrigin) => void;

export interface Telling {
  /** The trial changed in any field. */
  tell(trial: Trial): void;
  /** Code opened a trial. */
  opened: OnOpen;
  /** Events of a trial became durable. */
  happened(trial: string, events: TrialEvent[]): void;
  /** Points of a trial became durable. */
  pointed(trial: string): void;
  /** Trials were deleted (`gone`), or brought back. */
  gone(trials: string[], gone: boolean): void;
  /** Says what people want to whoever hosts the trial, wherever that is. */
  wish(trial: string, action: Wish['action']): Promise<void>;
  /** Each returns how to end it. */
  onChange(handler: (trial: Trial) => void): () => void;
  onPoints(handler: (trial: string) => void): () => void;
  onEvents(handler: (trial: string, events: readonly TrialEvent[]) => void): () => void;
  onOpen(handler: OnOpen): () => void;
}

export function createTelling(hub: Hub): Telling {
  const changed = new Set<(trial: Trial) => void>();
  const eventful = new Set<(trial: string, events: readonly TrialEvent[]) => void>();
  const pointed = new Set<(trial: string) => void>();
  const opened = new Set<OnOpen>();
  return {
    tell: (trial) => {
      hub.emit(`trial:${trial.id}`, 'trial', { trial });
      hub.emit('home', 'trial', { trial });
      for (const handler of changed) handler(trial);
    },
    opened: (trial, open, origin) => {
      for (const handler of opened) handler(trial, open, origin);
    },
    happened: (trial, events) => {
      hub.emit(`trial:${trial}`, 'trialEvents', { trial, events });
      for (const handler of eventful) handler(trial, events);
    },
    pointed: (trial) => {
      for (const handler of pointed) handler(trial);
    },
    gone: (trials, gone) => {
      hub.emit('home', 'trialsGone', { trials, gone });
      for (const trial of trials) hub.emit(`trial:${trial}`, 'trialsGone', { trials: [trial], gone });
    },
    wish: (trial, action) => hub.publish(controlChannel(trial), { action }),
    onChange: (handler) => listen(changed, handler),
    onPoints: (handler) => listen(pointed, handler),
    onEvents: (handler) => listen(eventful, handler),
    onOpen: (handler) => listen(opened, handler),
  };
}

function listen<T>(handlers: Set<T>, handler: T): () => void {
  handlers.add(handler);
  return () => void handlers.delete(handler);
}
