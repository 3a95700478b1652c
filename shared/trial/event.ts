/**
 * What happens to a trial besides its figures: people's wishes (an audit line each), its code's answers, checkpoints,
 * alerts, pictures and tables. Events are durable, numbered within the trial, and told live.
 */
import { z } from 'zod';
import { Person } from '../policy/policy.ts';
import { fromWire, WireNumber } from './points.ts';

/** Longest text of an event, in characters. */
export const MOST_EVENT_TEXT = 2000;

/**
 * `wished`: a person asked for something (`data.action`: pause, resume, stop, stop-now, release) · `paused`, `resumed`,
 * `started`, `ended`, `lost`: what the trial did (`data.status`) · `checkpoint`: it can go on from here (`data.path`,
 * `data.bytes`, `data.data`: SHA-256 of what it learns from) · `best`: the objective was never better (`data.value`) ·
 * `alert`: see `alert.ts` · `watch`: its code gave a rule (`data`: `CodeRule` of `alert.ts`) · `media`: a picture, histogram or table was logged (`data`: see `media.ts`) · `note`: the code
 * says something worth a line, or a person began a thread (`by`, `data.annotation`, `data.number`) · `label`: a person changed tags, star, note, or archived it.
 */
export const TrialEventKind = z.enum([
  'wished',
  'started',
  'paused',
  'resumed',
  'ended',
  'lost',
  'checkpoint',
  'best',
  'alert',
  'watch',
  'media',
  'note',
  'label',
]);
export type TrialEventKind = z.infer<typeof TrialEventKind>;

const fields = {
  /** ms since the epoch, by the clock of whoever says it. */
  at: z.number(),
  /** The step it belongs to; null: none. */
  step: WireNumber.nullable(),
  /** One sentence for people. */
  text: z.string().max(MOST_EVENT_TEXT),
  data: z.record(z.string(), z.unknown()),
};

/** An event as the trial's code says it. */
export const SaidEvent = z.object({ ...fields, kind: z.enum(['checkpoint', 'alert', 'watch', 'media', 'note']) });
export type SaidEvent = z.infer<typeof SaidEvent>;

/** An event as it is kept and told. `seq` counts from 1 within the trial, in the order in which they became durable. */
export const TrialEvent = z.object({
  ...fields,
  kind: TrialEventKind,
  seq: z.number().int(),
  /** The person who did it; null: the trial itself, or its server. */
  by: Person.pick({ id: true, name: true, colour: true }).nullable(),
});
export type TrialEvent = z.infer<typeof TrialEvent>;

/** The step of an event as a number; null when it has none. */
export const stepOf = ({ step }: Pick<TrialEvent, 'step'>): number | null => (step === null ? null : fromWire(step));
