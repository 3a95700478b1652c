/**
 * Pictures, histograms, tables and texts of the trials of a room: read for as long as the calling component lives, and
 * read again, at most once a second, when a running trial logs more of them.
 */
import { trialEvents as endpoints } from '@trialroom/shared/api/endpoints';
import type { Media, MediaEvent } from '@trialroom/shared/trial/media';
import { fromWire } from '@trialroom/shared/trial/points';
import { createEffect, createMemo, createSignal, on, onCleanup, untrack } from 'solid-js';
import { call } from '../../data/api.ts';
import { connection, listenTo } from '../../data/live.ts';
import { paced } from '../../data/pace.ts';
import { sameJson } from '../../data/same.ts';
import type { RoomTrial } from '../curves/trials.ts';

export type MediaKind = Media['media'];
type Of<Kind extends MediaKind> = Extract<Media, { media: Kind }>;

/** One thing that was logged. */
export interface Logged<Kind extends MediaKind> {
  seq: number;
  /** ms since the epoch. */
  at: number;
  step: number;
  data: Of<Kind>;
}

/** What was read of one trial. */
interface Read<Kind extends MediaKind> {
  /** By step. */
  logged: readonly Logged<Kind>[];
  /** How many there are in the range that was asked for, of which `logged` may be some. */
  total: number;
  /** Of these, how many were not read. */
  unread: number;
  keys: readonly { key: string; count: number }[];
}

export interface RoomMedia<Kind extends MediaKind> {
  /** Names under which this kind was logged, in the order in which they appeared. */
  keys(): readonly string[];
  of(trial: string): Read<Kind> | undefined;
  /** Nothing is there yet, and something is on its way. */
  reading(): boolean;
  /** Why it could not be read; undefined: it could. */
  failure(): unknown;
  again(): void;
}

/** Least time between two readings of one trial, in ms. */
const PACE = 1000;

/** @param options `key`: of one name only, chosen from those there are; `most`: how many at most, spread over the steps; `range`: of steps */
export function readMedia<Kind extends MediaKind>(
  kind: Kind,
  options: {
    trials: () => readonly RoomTrial[];
    key?: (keys: readonly string[]) => string | undefined;
    most: () => number;
    range: () => { from: number; to: number } | undefined;
  },
): RoomMedia<Kind> {
  const [found, setFound] = createSignal<ReadonlyMap<string, Read<Kind>>>(new Map());
  const [failure, setFailure] = createSignal<unknown>();
  const [busy, setBusy] = createSignal(0);
  const ids = createMemo(() => options.trials().map(({ id }) => id), [], { equals: sameJson });
  const keys = createMemo(
    () => [
      ...new Set(
        ids().flatMap(
          (id) =>
            found()
              .get(id)
              ?.keys.map(({ key }) => key) ?? [],
        ),
      ),
    ],
    [],
    { equals: sameJson },
  );
  const query = createMemo(
    () => {
      const range = options.range();
      const key = options.key?.(keys());
      return {
        ...{ media: kind, spread: 'true' as const, limit: options.most() },
        ...(key === undefined ? {} : { key }),
        ...(range ? { from: range.from, to: range.to } : {}),
      };
    },
    undefined,
    { equals: sameJson },
  );
  const running = new Map<string, AbortController>();
  const soon = new Map<string, () => void>();
  let ended = false;

  const read = async (id: string): Promise<void> => {
    if (ended || !untrack(ids).includes(id)) return;
    running.get(id)?.abort();
    const controller = new AbortController();
    running.set(id, controller);
    const { signal } = controller;
    setBusy((count) => count + 1);
    try {
      const reply = await call(endpoints.media, { params: { id }, query: untrack(query), signal });
      if (signal.aborted) return;
      const named = reply.keys.filter(({ media }) => media === kind);
      const logged = reply.media
        .flatMap((event) => loggedOf(kind, event))
        .sort((a, b) => a.step - b.step || a.seq - b.seq);
      setFound((before) =>
        new Map(before).set(id, { logged, total: reply.total, unread: reply.total - reply.media.length, keys: named }),
      );
      setFailure(undefined);
    } catch (error) {
      if (!signal.aborted) setFailure(() => error);
    } finally {
      setBusy((count) => count - 1);
      if (running.get(id) === controller) running.delete(id);
    }
  };
  const readSoon = (id: string): void => {
    let act = soon.get(id);
    if (!act) {
      const pace: () => void = paced(() => {
        // One that is slower than the pace is waited for, not begun anew.
        if (running.has(id)) pace();
        else void read(id);
      }, PACE);
      soon.set(id, pace);
      act = pace;
    }
    act();
  };
  const all = (): void => {
    for (const id of untrack(ids)) void read(id);
  };
  createEffect(on([ids, query], all));
  createEffect(on(connection, (now) => now === 'online' && untrack(ids).forEach(readSoon), { defer: true }));
  listenTo('trialEvents', ({ trial, events }) => {
    if (!ids().includes(trial)) return;
    if (events.some((event) => event.kind === 'media' && event.data.media === kind)) readSoon(trial);
  });
  listenTo('missed', ({ topics }) => {
    for (const id of ids()) if (topics.includes(`trial:${id}`)) readSoon(id);
  });
  onCleanup(() => {
    ended = true;
    for (const controller of running.values()) controller.abort();
  });
  return {
    keys,
    of: (trial) => found().get(trial),
    reading: () => busy() > 0 && !ids().some((id) => found().has(id)),
    failure,
    again: all,
  };
}

/** Nothing of another kind, and nothing that belongs to no step: it has no place on the axis. */
function loggedOf<Kind extends MediaKind>(kind: Kind, { seq, at, step, data }: MediaEvent): Logged<Kind>[] {
  const number = step === null ? Number.NaN : fromWire(step);
  // What `media` says is what the rest of it is: see the schema.
  return data.media === kind && Number.isFinite(number) ? [{ seq, at, step: number, data: data as Of<Kind> }] : [];
}

/** Address of the bytes of what was logged. */
export const blobUrl = ({ sha256, type }: { sha256: string; type: string }): string =>
  `/api/blobs/${sha256}?type=${encodeURIComponent(type)}`;

/** The steps of what was logged, each once, ascending. */
export const stepsOf = (logged: readonly { step: number }[]): number[] =>
  [...new Set(logged.map(({ step }) => step))].sort((a, b) => a - b);

/** The newest that was logged at this step or before; of several at one step the last. Undefined: there is none yet. */
export function latestAt<One extends { step: number }>(logged: readonly One[], step: number): One | undefined {
  return logged.findLast((one) => one.step <= step);
}
