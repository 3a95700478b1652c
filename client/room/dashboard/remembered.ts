/** What someone chose in a panel, for as long as the room is open: a panel that is scrolled away is not there meanwhile. */
import { createRoot, createSignal, type Signal } from 'solid-js';

const rooms = new WeakMap<object, Map<string, Signal<unknown>>>();

/** A signal of a room's panel; the same one whenever it is asked for by the same name. */
export function remembered<T>(room: object, panel: string, name: string, initial: T): Signal<T> {
  const signals = rooms.get(room) ?? new Map<string, Signal<unknown>>();
  rooms.set(room, signals);
  const key = `${panel}/${name}`;
  const signal = signals.get(key) ?? createRoot(() => createSignal<unknown>(initial));
  signals.set(key, signal);
  // One name of one kind of panel is always asked for with one type.
  return signal as Signal<T>;
}
