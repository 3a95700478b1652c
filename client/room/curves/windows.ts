/** Curves that do not come by themselves: of a zoomed range, at full resolution, and of metrics that are not told live. */
import { createEffect, createMemo, createSignal, on, onCleanup } from 'solid-js';
import { appendPoints, type Curve } from '../../data/curves.ts';
import { readCurves } from '../../data/packed-curves.ts';
import type { Window } from '../view.ts';
import type { RoomTrial } from './trials.ts';

export interface Windows {
  /** The curves of a trial: those that were read of the window, and of the others what there is of the whole. */
  of: (trial: RoomTrial) => ReadonlyMap<string, Curve>;
  /** Asks for these metrics of the window. */
  need: (keys: readonly string[]) => void;
  version: () => unknown;
  loading: () => boolean;
  failure: () => unknown;
}

/** Pixels that curves are read for: the widest that a figure gets, and what is enough where many are drawn over each other. */
const WIDTH = 1200;
const WIDTH_OF_MANY = 600;
const MANY = 20;
/** How long questions are gathered, in ms. */
const GATHER = 30;
type News = Parameters<typeof appendPoints>[1];

const widthFor = (trials: number): number => (trials > MANY ? WIDTH_OF_MANY : WIDTH);

/** Questions that were gathered: trials that are asked the same stand together. */
export function gathered(wanted: ReadonlyMap<string, ReadonlySet<string>>): { trials: string[]; keys: string[] }[] {
  const alike = Map.groupBy(wanted, ([, keys]) => JSON.stringify([...keys].sort()));
  return [...alike.values()].map((same) => ({
    trials: same.map(([trial]) => trial),
    keys: [...(same[0]?.[1] ?? [])],
  }));
}

/** What is known of one trial in one window. */
interface Reading {
  asked: Set<string>;
  answered: Set<string>;
  /** Points that arrived while their metric was on its way: they belong to the window, too. */
  held: News[number][];
  curves: Map<string, Curve>;
}

/** Reads the window anew whenever it changes, metric by metric as they are needed. */
export function createWindows(trials: () => readonly RoomTrial[], window: () => Window | undefined): Windows {
  const [version, bump] = createSignal(undefined, { equals: false });
  const [busy, setBusy] = createSignal(0);
  const [failure, setFailure] = createSignal<unknown>(null);
  const from = createMemo(() => window()?.from);
  const to = createMemo(() => window()?.to);
  let open: OpenWindow | null = null;

  class OpenWindow {
    readonly readings = new Map<string, Reading>();
    readonly #abort = new AbortController();
    #wanted = new Map<string, Set<string>>();
    #due: ReturnType<typeof setTimeout> | undefined;

    readonly range: Window;

    constructor(range: Window) {
      this.range = range;
    }

    is({ from, to }: Window): boolean {
      return this.range.from === from && this.range.to === to;
    }

    need(trial: RoomTrial, keys: readonly string[]): void {
      const reading = this.#readingOf(trial);
      for (const key of keys) {
        if (reading.asked.has(key)) continue;
        reading.asked.add(key);
        this.#wanted.set(trial.id, (this.#wanted.get(trial.id) ?? new Set()).add(key));
        this.#due ??= setTimeout(() => this.#flush(), GATHER);
      }
    }

    end(): void {
      clearTimeout(this.#due);
      this.#abort.abort();
    }

    #readingOf(trial: RoomTrial): Reading {
      const known = this.readings.get(trial.id);
      if (known) return known;
      const reading: Reading = { asked: new Set(), answered: new Set(), held: [], curves: new Map() };
      this.readings.set(trial.id, reading);
      const end = trial.curves.onPoints((series) => {
        reading.held.push(...series.filter(({ key }) => reading.asked.has(key) && !reading.answered.has(key)));
        const own = series.filter(({ key }) => reading.answered.has(key));
        if (own.length === 0) return;
        appendPoints(reading.curves, own, this.range);
        bump(undefined);
      });
      this.#abort.signal.addEventListener('abort', end);
      return reading;
    }

    #flush(): void {
      this.#due = undefined;
      const questions = gathered(this.#wanted);
      this.#wanted = new Map();
      for (const { trials, keys } of questions) {
        setBusy((count) => count + 1);
        const asked = { ...this.range, trials, keys, width: widthFor(trials.length), signal: this.#abort.signal };
        readCurves(asked, (trial, some, curves) => this.#take(trial, some, curves))
          .catch((error: unknown) => {
            if (!this.#abort.signal.aborted) setFailure(() => error);
          })
          .finally(() => setBusy((count) => count - 1));
      }
    }

    #take(trial: string, keys: readonly string[], curves: ReadonlyMap<string, Curve>): void {
      const reading = this.readings.get(trial);
      if (!reading || this.#abort.signal.aborted) return;
      for (const key of keys) {
        reading.answered.add(key);
        const curve = curves.get(key);
        if (curve) reading.curves.set(key, curve);
      }
      const [own, others] = [true, false].map((now) =>
        reading.held.filter(({ key }) => reading.answered.has(key) === now),
      );
      appendPoints(reading.curves, unread(reading.curves, own ?? []), this.range);
      reading.held = others ?? [];
      bump(undefined);
    }
  }

  const current = (): OpenWindow | null => {
    const range = window();
    if (range && open?.is(range)) return open;
    open?.end();
    open = range ? new OpenWindow(range) : null;
    return open;
  };
  createEffect(
    on([from, to] as const, () => {
      setFailure(null);
      current();
      bump(undefined);
    }),
  );
  onCleanup(() => open?.end());
  return {
    of(trial) {
      const range = window();
      const own = range && open?.is(range) ? open.readings.get(trial.id)?.curves : undefined;
      return own && own.size > 0 ? new Map([...trial.curves.byKey, ...own]) : trial.curves.byKey;
    },
    need(keys) {
      const now = current();
      if (now) for (const trial of trials()) now.need(trial, keys);
    },
    version,
    loading: () => busy() > 0,
    failure,
  };
}

/** Of points that may be in the reply already, those that are newer than it. */
function unread(curves: ReadonlyMap<string, Curve>, held: News): News[number][] {
  return held.map((points) => {
    const last = curves.get(points.key)?.walls.at(-1) ?? Number.NEGATIVE_INFINITY;
    const keep = points.walls.map((wall) => wall > last);
    const pick = <T>(values: readonly T[]): T[] => values.filter((_, index) => keep[index]);
    return { key: points.key, steps: pick(points.steps), walls: pick(points.walls), values: pick(points.values) };
  });
}

/** How often metrics that are not told live are read again while they are looked at, in ms. */
const AGAIN = 5000;

/**
 * Reads whole curves of metrics that no topic carries, as they are needed: of trials that are over once, of those that go
 * on again while they do.
 */
export function createMissing(trials: () => readonly RoomTrial[]): Pick<Windows, 'need' | 'loading' | 'failure'> {
  const asked = new Map<string, number>();
  const [busy, setBusy] = createSignal(0);
  const [failure, setFailure] = createSignal<unknown>(null);
  let due: ReturnType<typeof setTimeout> | undefined;
  let wanted = new Map<string, Set<string>>();
  const abort = new AbortController();
  onCleanup(() => {
    clearTimeout(due);
    abort.abort();
  });
  const flush = (): void => {
    due = undefined;
    const byId = new Map(trials().map((trial) => [trial.id, trial]));
    const questions = gathered(wanted);
    wanted = new Map();
    for (const { trials: ids, keys } of questions) {
      setBusy((count) => count + 1);
      const question = { trials: ids, keys, width: widthFor(ids.length), signal: abort.signal };
      readCurves(question, (id, _, curves) => byId.get(id)?.curves.add(curves))
        .then(
          () => setFailure(null),
          (error: unknown) => {
            if (!abort.signal.aborted) setFailure(() => error);
          },
        )
        .finally(() => setBusy((count) => count - 1));
    }
  };
  const isMissing = (trial: RoomTrial, key: string, known: ReadonlyMap<string, { count: number }> | null): boolean => {
    const at = asked.get(`${trial.id} ${key}`);
    if (known === null) return at === undefined || (failure() !== null && Date.now() - at >= AGAIN);
    const metric = known.get(key);
    const curve = trial.curves.byKey.get(key);
    return metric !== undefined && (curve?.total ?? -1) < metric.count && Date.now() - (at ?? 0) >= AGAIN;
  };
  return {
    need(keys) {
      for (const trial of trials()) {
        const untold = keys.filter((key) => !trial.curves.isLive(key));
        if (untold.length === 0) continue;
        const known = trial.metrics && new Map(trial.metrics.map((metric) => [metric.key, metric]));
        for (const key of untold) {
          if (!isMissing(trial, key, known)) continue;
          asked.set(`${trial.id} ${key}`, Date.now());
          wanted.set(trial.id, (wanted.get(trial.id) ?? new Set()).add(key));
          due ??= setTimeout(flush, GATHER);
        }
      }
    },
    loading: () => busy() > 0,
    failure,
  };
}
