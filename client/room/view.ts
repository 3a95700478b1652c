/**
 * How one person looks at a room: axes, smoothing, the zoomed window, hidden trials, the wall. Held in the address, so that
 * a link shows what its sender saw, and in this browser only where it is a matter of habit. Nothing here disturbs others.
 */
import { useLocation, useSearchParams } from '@solidjs/router';
import { createSignal } from 'solid-js';
import { axisOf } from '../charts/axis.ts';
import type { Look } from '../charts/model.ts';
import { numberIn, numbersIn, numbersText } from './address.ts';

/** A range of steps. */
export interface Window {
  from: number;
  to: number;
}

export interface RoomView {
  look: () => Look;
  change: (look: Partial<Look>) => void;
  /** The zoomed range of steps, if any. */
  window: () => Window | undefined;
  zoom: (window: Window | null) => void;
  /** Numbers of the trials that are not drawn here. */
  hidden: () => ReadonlySet<number>;
  hide: (numbers: Iterable<number>) => void;
  /** The room as a wall screen shows it. */
  wall: () => boolean;
  setWall: (wall: boolean) => void;
  /** The panel that the address points at. */
  panel: () => string | null;
  isCollapsed: (panel: string) => boolean;
  collapse: (panel: string, collapsed: boolean) => void;
  /** All of this as the search part of an address, and taking over another's. */
  search: () => string;
  adopt: (search: string) => void;
}

export const DEFAULT_SMOOTHING = 0.9;

const NAMES = ['smooth', 'x', 'y', 'range', 'from', 'to', 'hide', 'wall'] as const;
type Name = (typeof NAMES)[number];

/** @param room names the room among those that this browser remembers habits of */
export function useRoomView(room: string): RoomView {
  const [search, setSearch] = useSearchParams<Record<Name, string>>();
  const location = useLocation();
  const text = (name: Name): string | undefined => {
    const value = search[name];
    return typeof value === 'string' ? value : undefined;
  };
  const place = `trialroom.room.${room}.collapsed`;
  const [collapsed, setCollapsed] = createSignal<ReadonlySet<string>>(remembered(place));
  const look = (): Look => ({
    smoothing: numberIn(text('smooth'), 0, 0.99) ?? DEFAULT_SMOOTHING,
    x: axisOf(text('x')),
    log: text('y') === 'log',
    robust: text('range') !== 'all',
  });
  const set = (parts: Partial<Record<Name, string | number | null>>, replace: boolean): void =>
    setSearch(parts, { replace, scroll: false });
  return {
    look,
    change: (part) => {
      const next = { ...look(), ...part };
      set(
        {
          smooth: next.smoothing === DEFAULT_SMOOTHING ? null : next.smoothing,
          x: next.x === 'step' ? null : next.x,
          y: next.log ? 'log' : null,
          range: next.robust ? null : 'all',
        },
        true,
      );
    },
    window: () => {
      const from = numberIn(text('from'), -1e15, 1e15);
      const to = numberIn(text('to'), -1e15, 1e15);
      return from !== undefined && to !== undefined && from < to ? { from, to } : undefined;
    },
    zoom: (window) =>
      set(
        {
          from: window ? Number(window.from.toPrecision(8)) : null,
          to: window ? Number(window.to.toPrecision(8)) : null,
        },
        false,
      ),
    hidden: () => numbersIn(text('hide')),
    hide: (numbers) => set({ hide: numbersText(numbers) || null }, true),
    wall: () => text('wall') !== undefined,
    setWall: (wall) => set({ wall: wall ? '1' : null }, true),
    panel: () => /^#panel=([\w-]{1,80})$/.exec(location.hash)?.[1] ?? null,
    isCollapsed: (panel) => collapsed().has(panel),
    collapse: (panel, gone) => {
      const next = new Set(collapsed());
      if (gone) next.add(panel);
      else next.delete(panel);
      setCollapsed(next);
      localStorage.setItem(place, JSON.stringify([...next]));
    },
    search: () => location.search,
    adopt: (other) => {
      const theirs = new URLSearchParams(other);
      // A wall stays a wall, whoever it follows.
      const parts = NAMES.filter((name) => name !== 'wall').map((name) => [name, theirs.get(name)] as const);
      set(Object.fromEntries(parts), true);
    },
  };
}

function remembered(place: string): ReadonlySet<string> {
  try {
    const read: unknown = JSON.parse(localStorage.getItem(place) ?? '[]');
    return new Set(Array.isArray(read) ? read.filter((id) => typeof id === 'string') : []);
  } catch {
    return new Set();
  }
}
