/** A room as its panels see it: which trials are drawn, their curves as zoomed, the marks, and how this person looks. */
import type { Trial } from '@trialroom/shared/trial/trial';
import { createContext, useContext } from 'solid-js';
import type { Mark } from '../charts/marks.ts';
import type { Curve } from '../data/curves.ts';
import type { ListedTrial, RoomTrial } from './curves/trials.ts';
import type { Dashboard } from './dashboard/dashboard.ts';
import type { RoomView } from './view.ts';
import type { Watcher } from './watching/watching.ts';

export interface Room {
  readonly experiment: { id: string; name: string };
  /** A trial's own room rather than an experiment's. */
  readonly single: boolean;
  /** Names what shares one crosshair. */
  readonly syncKey: string;
  readonly view: RoomView;
  readonly dashboard: Dashboard;
  /** Trials that are drawn. */
  trials(): readonly RoomTrial[];
  /** All trials of the room, drawn or not. */
  listed(): readonly ListedTrial[];
  /** Names of all metrics of the trials that are drawn, sorted. Changes calmly. */
  keys(): readonly string[];
  objective(): Trial['objective'];
  /** A trial's curves in the window that is looked at, and in whole. */
  curves(trial: RoomTrial): ReadonlyMap<string, Curve>;
  /** Asks for curves that do not come by themselves: of trials that are over, of very many metrics, of the window. */
  need(keys: readonly string[]): void;
  /** Changes whenever a curve of a trial that is drawn did. */
  version(): unknown;
  /** The same a few times a second: for figures that people read. */
  calm(): unknown;
  /** Curves are on their way. */
  reading(): boolean;
  /** Threads, alerts, events and checkpoints; of a single trial's room only. */
  marks(): readonly Mark[];
  onMark(id: string): void;
  /** Someone wants to talk about these steps of a metric; null where they may not. */
  readonly onPin: ((from: number, to: number, key: string) => void) | null;
  /** Someone wants to talk about a panel; null where they may not. */
  readonly onPinPanel: ((panel: string, title: string) => void) | null;
  watchers(): readonly Watcher[];
  /** Tells others what is looked at here. */
  pointed(panel: string | null, at: string | null): void;
}

export const RoomContext = createContext<Room>();

/** @throws Error outside of a room */
export function useRoom(): Room {
  const room = useContext(RoomContext);
  if (!room) throw new Error('a panel is outside of a room');
  return room;
}
