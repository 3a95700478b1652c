/**
 * What this page and the frame that runs a cell's HTML say to each other. The frame's page is the server's
 * (`/output-frame`): it has an origin that is nobody's and a policy of its own, so what runs in it reaches neither this
 * page nor its cookies. It may only ask for its content and tell how tall that is.
 */
import { z } from 'zod';

const FromFrame = z.discriminatedUnion('type', [
  z.object({ type: z.literal('trialroom:ready') }),
  z.object({ type: z.literal('trialroom:height'), height: z.number().min(0).max(1e6) }),
]);
/** What the frame may say to this page. */
export type FromFrame = z.infer<typeof FromFrame>;

/** What a message from the frame says, or null when it says nothing of the sort. */
export function readFromFrame(message: unknown): FromFrame | null {
  const said = FromFrame.safeParse(message);
  return said.success ? said.data : null;
}

/** Custom properties of the page that the frame's content is drawn with. */
export const INHERITED = [
  '--ink-1',
  '--ink-2',
  '--rule',
  '--rule-strong',
  '--accent',
  '--surface-1',
  '--voice-instrument',
  '--voice-machine',
] as const;

/** The style of the frame's content. `values` are those of {@link INHERITED} as the page has them now. */
export function frameStyle(scheme: 'light' | 'dark', values: Readonly<Record<string, string>>): string {
  const variables = Object.entries(values)
    .map(([name, value]) => `${name}:${value.replace(/[<>{};]/g, '')}`)
    .join(';');
  return [
    `:root{color-scheme:${scheme};${variables}}`,
    'html{background:transparent}',
    'body{color:var(--ink-2);font:13px/1.4 var(--voice-instrument);font-variant-numeric:tabular-nums}',
    'table{border-collapse:collapse}th,td{padding:4px 8px;border-bottom:1px solid var(--rule);text-align:left}',
    'th{color:var(--ink-1);font-weight:600}a{color:var(--accent)}',
    'pre,code{font-family:var(--voice-machine)}img,svg,video{max-width:100%}',
  ].join('\n');
}
