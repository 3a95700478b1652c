/** Puts a room together from its trials: the dashboard, the view of this person, the zoomed curves, who watches. */
import { useLocation } from '@solidjs/router';
import type { Trial } from '@trialroom/shared/trial/trial';
import { createEffect, createMemo, onCleanup } from 'solid-js';
import type { Mark } from '../charts/marks.ts';
import type { Room } from './context.ts';
import type { ListedTrial, RoomTrial } from './curves/trials.ts';
import { createMissing, createWindows } from './curves/windows.ts';
import { openDashboard } from './dashboard/dashboard.ts';
import { panelsFor } from './dashboard/templates.ts';
import { createMediaKinds } from './logged/media-kinds.ts';
import type { RoomView } from './view.ts';
import { createWall } from './wall.ts';
import { createWatchers, type Sight } from './watching/watching.ts';

/** Most values of parameters that are looked through for what differs. */
const MOST_COMPARED = 200;
/** Least time between two sayings of where one points, in ms. */
const SAYING = 100;

export interface CreatedRoom extends Room {
  /** Why curves of the window could not be read. */
  failure(): unknown;
}

/** For as long as the calling component lives. */
export function createRoom(options: {
  experiment: { id: string; name: string };
  single: boolean;
  view: RoomView;
  trials: () => readonly RoomTrial[];
  listed: () => readonly ListedTrial[];
  objective: () => Trial['objective'];
  /** Names of metrics of which no curve may be here yet. */
  names?: () => readonly string[];
  marks: () => readonly Mark[];
  onMark: (id: string) => void;
  onPin: ((from: number, to: number, key: string) => void) | null;
  onPinPanel: ((panel: string, title: string) => void) | null;
}): CreatedRoom {
  const { experiment, single, view, trials, listed, objective } = options;
  const location = useLocation();
  const windows = createWindows(trials, view.window);
  const missing = createMissing(trials);
  const calm = (): number => trials().reduce((sum, { curves }) => sum + curves.calm(), 0);
  const keys = createMemo(
    () => {
      calm();
      const names = trials().flatMap(({ curves, metrics }) => [
        ...curves.byKey.keys(),
        ...(metrics ?? []).map(({ key }) => key),
      ]);
      return [...new Set([...names, ...(options.names?.() ?? [])])].sort();
    },
    [],
    { equals: (a, b) => a.length === b.length && a.every((key, index) => key === b[index]) },
  );
  const params = createMemo(() => differing(listed().map(({ trial }) => trial.params)), [], {
    equals: (a, b) => a.join('\n') === b.join('\n'),
  });
  const media = createMediaKinds(trials);
  const dashboard = openDashboard(experiment.id, (template) =>
    panelsFor(template, { keys: keys(), objective: objective(), single, params: params(), media: media() }),
  );
  const { awareness } = dashboard.document;
  const watchers = createWatchers(awareness);
  let pointed: Pick<Sight, 'panel' | 'at'> = { panel: null, at: null };
  let due: ReturnType<typeof setTimeout> | undefined;
  const say = (): void => {
    due = undefined;
    const sight: Sight = {
      page: location.pathname,
      search: location.search.slice(0, 4000),
      wall: view.wall(),
      ...pointed,
    };
    awareness.setLocalStateField('sight', sight);
  };
  createEffect(() => {
    void location.search;
    void view.wall();
    say();
  });
  onCleanup(() => clearTimeout(due));
  createWall(view);
  return {
    experiment,
    single,
    syncKey: `room-${single ? (trials()[0]?.id ?? experiment.id) : experiment.id}`,
    view,
    dashboard,
    trials,
    listed,
    keys,
    objective,
    curves: (trial) => windows.of(trial),
    need(keys) {
      missing.need(keys);
      windows.need(keys);
    },
    version: () => [windows.version(), ...trials().map(({ curves }) => curves.version())],
    calm: () => {
      windows.loading();
      return calm();
    },
    reading: () => windows.loading() || missing.loading(),
    failure: () => windows.failure() ?? missing.failure(),
    marks: options.marks,
    onMark: options.onMark,
    onPin: options.onPin,
    onPinPanel: options.onPinPanel,
    watchers,
    pointed(panel, at) {
      if (panel === null || (panel === pointed.panel && at === pointed.at)) return;
      pointed = { panel, at };
      due ??= setTimeout(say, SAYING);
    },
  };
}

/** Names of numeric parameters that are not the same in all. */
function differing(all: readonly Readonly<Record<string, unknown>>[]): string[] {
  const seen = new Map<string, Set<unknown>>();
  for (const params of all.slice(-MOST_COMPARED)) {
    for (const [name, value] of Object.entries(params)) {
      if (typeof value !== 'number' && typeof value !== 'boolean') continue;
      seen.set(name, (seen.get(name) ?? new Set()).add(value));
    }
  }
  return [...seen].filter(([, values]) => values.size > 1).map(([name]) => name);
}
