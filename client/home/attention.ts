/** Which ended trials still need someone: failed or lost within a day, and not set aside in this browser. */
import type { Trial } from '@trialroom/shared/trial/trial';
import { createRoot, createSignal } from 'solid-js';

const KEY = 'trialroom.set-aside';
const DAY = 86_400_000;

const [aside, setAside] = createRoot(() => createSignal<readonly string[]>(read()));

function read(): readonly string[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(stored) ? stored.filter((id) => typeof id === 'string') : [];
  } catch {
    return [];
  }
}

/** Trials that need someone, latest first. */
export function attention(trials: readonly Trial[], now = Date.now()): Trial[] {
  return trials
    .filter(
      (trial) =>
        (trial.status === 'failed' || trial.status === 'lost') &&
        (trial.endedAt ?? trial.createdAt) > now - DAY &&
        !aside().includes(trial.id),
    )
    .sort((a, b) => (b.endedAt ?? b.createdAt) - (a.endedAt ?? a.createdAt));
}

/** Stops pointing at a trial in this browser; nothing changes for others. */
export function putAside(id: string): void {
  const ids = [...aside().filter((other) => other !== id), id].slice(-200);
  setAside(ids);
  try {
    localStorage.setItem(KEY, JSON.stringify(ids));
  } catch {
    // Storage is forbidden here: set aside until the page is closed.
  }
}
