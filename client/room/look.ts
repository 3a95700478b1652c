/** How the curves of a room are looked at, held in the address, so that a link shows what its sender saw. */
import { useSearchParams } from '@solidjs/router';
import type { Look } from '../charts/model.ts';

export interface RoomLook {
  look: () => Look;
  /** The zoomed range of steps, if any. */
  window: () => { from: number; to: number } | undefined;
  change: (look: Partial<Look>) => void;
  zoom: (window: { from: number; to: number } | null) => void;
}

export const DEFAULT_SMOOTHING = 0.9;

/** A parameter of the address; only a plain number in range counts. */
export function numberIn(text: string | undefined, least: number, most: number): number | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  const value = Number(text);
  return Number.isFinite(value) && value >= least && value <= most ? value : undefined;
}

export function useRoomLook(): RoomLook {
  const [search, setSearch] = useSearchParams<{
    smooth?: string;
    x?: string;
    y?: string;
    range?: string;
    from?: string;
    to?: string;
  }>();
  const look = (): Look => ({
    smoothing: numberIn(search.smooth, 0, 0.99) ?? DEFAULT_SMOOTHING,
    x: search.x === 'time' ? 'time' : 'step',
    log: search.y === 'log',
    robust: search.range !== 'all',
  });
  return {
    look,
    window: () => {
      const from = numberIn(search.from, -1e15, 1e15);
      const to = numberIn(search.to, -1e15, 1e15);
      return from !== undefined && to !== undefined && from < to ? { from, to } : undefined;
    },
    change: (part) => {
      const next = { ...look(), ...part };
      setSearch(
        {
          smooth: next.smoothing === DEFAULT_SMOOTHING ? null : next.smoothing,
          x: next.x === 'step' ? null : next.x,
          y: next.log ? 'log' : null,
          range: next.robust ? null : 'all',
        },
        { replace: true, scroll: false },
      );
    },
    zoom: (window) =>
      setSearch(
        {
          from: window ? Number(window.from.toPrecision(8)) : null,
          to: window ? Number(window.to.toPrecision(8)) : null,
        },
        { scroll: false },
      ),
  };
}
