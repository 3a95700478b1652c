/** A panel of a room's dashboard: what it shows, how large it is, and where it comes in the order of panels. */
import { z } from 'zod';

/** Columns of the grid on a screen that has room for them. */
export const COLUMNS = 12;
/** Least and most rows of a panel. */
export const ROWS = { least: 2, most: 40 } as const;
/** Least columns of a panel. */
export const LEAST_WIDTH = 2;
/** Most panels of a dashboard that are read; what is beyond is not shown. */
export const MOST_PANELS = 400;
/** Longest title, in characters. */
export const MOST_TITLE = 300;

/** Ids are written by us and stand in addresses. */
export const PanelId = z.string().regex(/^[\w-]{1,80}$/, 'an id is 1 to 80 letters, digits, "_" or "-"');

/** What a panel is set to show; each kind reads its own names out of it and checks them itself. */
export const PanelSettings = z.record(z.string(), z.json());
export type PanelSettings = z.infer<typeof PanelSettings>;

export const Panel = z.object({
  id: PanelId,
  /** Name of a kind of panel in the browser's registry; one that is not known there is shown as such. */
  kind: z.string().min(1).max(40),
  /** Empty: the kind finds a name itself. */
  title: z.string().max(MOST_TITLE),
  /** Fractional index: panels stand in the order of these, then of their ids. */
  order: z.string().min(1).max(2000),
  /** In columns. */
  width: z.number().int().min(LEAST_WIDTH).max(COLUMNS),
  /** In rows. */
  height: z.number().int().min(ROWS.least).max(ROWS.most),
  settings: PanelSettings,
});
export type Panel = z.infer<typeof Panel>;
