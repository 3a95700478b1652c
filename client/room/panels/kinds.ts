/** All kinds of panels. A new one is a file of this folder and a line here. */
import { bar } from './bar.tsx';
import { curves } from './curves.tsx';
import { events } from './events.tsx';
import { graph } from './graph.tsx';
import { health } from './health.tsx';
import { histogram } from './histogram.tsx';
import { images } from './images.tsx';
import type { PanelKind } from './kind.ts';
import { logs } from './logs.tsx';
import { notes } from './notes.tsx';
import { resources } from './resources.tsx';
import { scatter } from './scatter.tsx';
import { table } from './table.tsx';
import { text } from './text.tsx';
import { texts } from './texts.tsx';

/** In the order in which they are offered. */
export const KINDS: readonly PanelKind[] = [
  curves,
  scatter,
  bar,
  histogram,
  images,
  table,
  texts,
  text,
  notes,
  logs,
  events,
  health,
  graph,
  resources,
];

/** Null for a kind that this page does not know: it may be older than what was arranged. */
export const kindOf = (name: string): PanelKind | null => KINDS.find(({ kind }) => kind === name) ?? null;
