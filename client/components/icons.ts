/**
 * The icon set: 16 px grid, 1.25 stroke, butt caps, miter joins, no fills except where a fill is the meaning.
 * Each entry is the inside of an `<svg viewBox="0 0 16 16">`; nothing here comes from outside the source tree.
 */

/** Things to do and things to name. */
export const ICONS = {
  search: '<circle cx="7" cy="7" r="4.5"/><path d="M10.5 10.5 14 14"/>',
  play: '<path d="M5 3.2v9.6L12.6 8z"/>',
  pause: '<path d="M5.5 3v10M10.5 3v10" stroke-width="1.75"/>',
  stop: '<path d="M4 4h8v8H4z"/>',
  plus: '<path d="M8 3v10M3 8h10"/>',
  x: '<path d="m4 4 8 8M12 4l-8 8"/>',
  check: '<path d="m3 8.5 3.2 3.2L13 4.8"/>',
  down: '<path d="m4 6 4 4 4-4"/>',
  right: '<path d="m6 4 4 4-4 4"/>',
  lower: '<path d="M8 3v10M4.5 9.5 8 13l3.5-3.5"/>',
  higher: '<path d="M8 13V3M4.5 6.5 8 3l3.5 3.5"/>',
  comment: '<path d="M2.5 3h11v8H7l-3 2.6V11H2.5z"/>',
  share: '<path d="M8 10V2.5M5 5.2 8 2.3l3 2.9M3 8v5.5h10V8"/>',
  restart: '<path d="M12.8 6.2A5 5 0 1 0 13 9M13 3v3.4H9.6"/>',
  chip: '<path d="M4.5 4.5h7v7h-7zM6.5 2v2.5M9.5 2v2.5M6.5 11.5V14M9.5 11.5V14M2 6.5h2.5M2 9.5h2.5M11.5 6.5H14M11.5 9.5H14"/>',
  eye: '<path d="M1.5 8C3 5.2 5.3 3.8 8 3.8S13 5.2 14.5 8C13 10.8 10.7 12.2 8 12.2S3 10.8 1.5 8z"/><circle cx="8" cy="8" r="1.9"/>',
  pin: '<path d="M4 2.5h8v6.2L8 13.5 4 8.7z"/>',
  more: '<path d="M3 8h1.5M7.25 8h1.5M11.5 8H13" stroke-width="1.75"/>',
  home: '<path d="M2.5 7.5 8 2.8l5.5 4.7M4 6.5v7h8v-7"/>',
  book: '<path d="M3.5 2.5h9v11h-9zM6 2.5v11M8 5.5h2.5M8 8h2.5"/>',
  folder: '<path d="M2 12.5v-9h4.2l1.5 2H14v7z"/>',
  folderOpen: '<path d="M2 12.5v-9h4.2l1.5 2h5.3v2M2 12.5l2.2-5h10.6l-2.2 5z"/>',
  trash: '<path d="M3 4.5h10M6.5 4.5v-2h3v2M4.2 4.5l.7 9h6.2l.7-9M6.8 7v4M9.2 7v4"/>',
  upload: '<path d="M8 10.5V2.8M4.8 6 8 2.8 11.2 6M2.5 10.5v3h11v-3"/>',
  download: '<path d="M8 2.5v7.7M4.8 7 8 10.2 11.2 7M2.5 10.5v3h11v-3"/>',
  table: '<path d="M2.5 3.5h11M2.5 6.5h11M2.5 9.5h11M2.5 12.5h11M6 3.5v9"/>',
  launch: '<path d="M2.5 13.5h11M8 11V2.5M4.8 5.7 8 2.5l3.2 3.2"/>',
  room: '<path d="M2 13.5h12M2 13.5v-11M4 9.5l2.5-4 2.5 3L13.5 4"/>',
  warn: '<path d="M8 2.5 14.2 13.5H1.8zM8 6.5v3.3M8 11.2v1"/>',
  theme: '<circle cx="8" cy="8" r="5.5"/><path d="M8 2.5v11a5.5 5.5 0 0 0 0-11z" fill="currentColor" stroke="none"/>',
  clock: '<circle cx="8" cy="8" r="5.5"/><path d="M8 4.8V8l2.3 1.6"/>',
  pencil: '<path d="m3 13 .7-3L11 2.7 13.3 5 6 12.3z"/>',
  settings:
    '<path d="M2.5 5h6M11.5 5h2M2.5 11h2M7.5 11h6"/><circle cx="10" cy="5" r="1.5"/><circle cx="6" cy="11" r="1.5"/>',
  link: '<path d="M7 4.5 8.7 2.8a3 3 0 0 1 4.3 4.3L11.4 8.7M9 11.5l-1.7 1.7A3 3 0 0 1 3 9l1.6-1.7M6 10l4-4"/>',
  stack: '<path d="M2.5 5 8 2.3 13.5 5 8 7.7zM2.5 8 8 10.7 13.5 8M2.5 11 8 13.7 13.5 11"/>',
  expand: '<path d="M9.5 2.5h4v4M6.5 13.5h-4v-4M13.5 2.5 9 7M2.5 13.5 7 9"/>',
  diff: '<path d="M4.5 2.5v11M11.5 2.5v11M2 5.5h5M9 10.5h5"/>',
  var: '<path d="M4 2.5C2.7 4 2 5.9 2 8s.7 4 2 5.5M12 2.5c1.3 1.5 2 3.4 2 5.5s-.7 4-2 5.5M6 6l4 4M10 6l-4 4"/>',
  checkpoint: '<path d="M8 2.5 13.5 8 8 13.5 2.5 8z"/>',
  wall: '<path d="M1.5 3h13v8h-13zM5 13.5h6"/>',
  copy: '<path d="M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3"/>',
  runbelow: '<path d="M3 3v6.5L8 6.2zM3 13h10M10.5 3.5v6M8.5 7.5l2 2 2-2"/>',
} as const;

/** One shape for each status, so that none depends on colour. */
export const STATUS_SHAPES = {
  queued: '<circle cx="8" cy="8" r="5" stroke-dasharray="1.2 1.94" stroke-width="1.75"/>',
  running:
    '<circle cx="8" cy="8" r="5" opacity=".32" stroke-width="1.75"/><path class="arc" d="M8 3a5 5 0 0 1 5 5" stroke-width="1.75"/><circle cx="8" cy="8" r="1.6" fill="currentColor" stroke="none"/>',
  paused: '<path d="M5.5 3.5v9M10.5 3.5v9" stroke-width="2"/>',
  completed: '<path d="m3 8.5 3.2 3.2L13 4.8" stroke-width="1.6"/>',
  failed: '<path d="m3.8 3.8 8.4 8.4M12.2 3.8l-8.4 8.4" stroke-width="1.9"/>',
  stopped: '<path d="M4.2 4.2h7.6v7.6H4.2z" fill="currentColor" stroke="none"/>',
  lost: '<path d="M11.5 4.5A5 5 0 0 0 3.2 9.4M4.5 11.5a5 5 0 0 0 8.3-4.9" stroke-width="1.75"/><path d="M2.5 13.5l11-11" stroke-width="1.25"/>',
  stale:
    '<circle cx="8" cy="8" r="5" stroke-width="1.4"/><path d="M8 3a5 5 0 0 0 0 10z" fill="currentColor" stroke="none"/>',
} as const;

export type IconName = keyof typeof ICONS;
export type StatusShape = keyof typeof STATUS_SHAPES;
