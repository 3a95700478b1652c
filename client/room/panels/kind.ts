/**
 * What a kind of panel is: its name, what can be set, and what draws it. A kind is a file of this folder and a line in
 * `kinds.ts`; the frame around it (title, number, tools, size) is the same for all.
 */
import type { NewPanel } from '@trialroom/shared/room/dashboard';
import type { Panel, PanelSettings } from '@trialroom/shared/room/panel';
import type { JSX } from 'solid-js';
import type { IconName } from '../../components/icons.ts';
import type { Room } from '../context.ts';

/** Something that can be set. `keys`: metrics by name or pattern, one a line; `axis`: a metric, or `param:NAME`. */
export type Field = { name: string; label: string; help?: string } & (
  | { type: 'keys' | 'key' | 'axis' | 'text' | 'prose' | 'number' }
  | { type: 'toggle' }
  | { type: 'choice'; options: readonly { value: string; text: string }[] }
);

/** Rows and columns of what a panel shows, for CSV and JSON. */
export interface Table {
  columns: readonly string[];
  rows: readonly (readonly (string | number | null)[])[];
}

/** What a body tells its frame; each is read when it is needed. */
export interface Offer {
  /** A few words beside the title. */
  note?: () => string;
  /** True when the note says that something is wrong. */
  odd?: () => boolean;
  /** At the right of the caption: a reading, a count. */
  reading?: () => JSX.Element;
  /** Small controls of this panel, beside the frame's own. */
  tools?: () => JSX.Element;
  table?: () => Table;
  svg?: () => string;
  /** Plain text or Markdown, where a panel is made of words. */
  text?: () => string;
}

export interface BodyProps {
  panel: Panel;
  settings: PanelSettings;
  /** Called once, when the body is made. */
  offer: (offer: Offer) => void;
}

export interface PanelKind {
  kind: string;
  name: string;
  /** What it shows, in a sentence. */
  says: string;
  icon: IconName;
  size: Pick<NewPanel, 'width' | 'height'>;
  fields: readonly Field[];
  /** Where it makes sense; absent: in every room. */
  only?: 'trial' | 'experiment';
  /** Without a number: it is no figure. */
  unnumbered?: boolean;
  /** Its name where nobody gave it one. */
  title: (settings: PanelSettings, room: Room) => string;
  Body: (props: BodyProps) => JSX.Element;
}

/** A setting that should be a list of words; lines and commas part them where it is a text. */
export function wordsIn(settings: PanelSettings, name: string): string[] {
  const value = settings[name];
  if (Array.isArray(value)) return value.filter((word) => typeof word === 'string');
  return typeof value === 'string'
    ? value
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== '')
    : [];
}

export const textIn = (settings: PanelSettings, name: string, otherwise = ''): string => {
  const value = settings[name];
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : otherwise;
};

export const toggled = (settings: PanelSettings, name: string, otherwise = false): boolean => {
  const value = settings[name];
  return typeof value === 'boolean' ? value : otherwise;
};
