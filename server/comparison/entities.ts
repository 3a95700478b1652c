/**
 * What is kept of how a trial ran: its environment and its code, each content once however many trials share it. Metrics
 * and parameters are the trials' own.
 */
import { defineEntity, type InferEntity, p } from '@mikro-orm/core';

export const CaptureEntity = defineEntity({
  name: 'Capture',
  tableName: 'trial_captures',
  properties: {
    trial: p.text().primary(),
    /** SHA-256 of contents; null: it is not known. */
    environment: p.text().nullable(),
    code: p.text().nullable(),
    /** Id of the cell that opened the trial. */
    cell: p.text().nullable(),
    capturedAt: p.double().$type<number>(),
  },
});

export type CaptureRow = InferEntity<typeof CaptureEntity>;

export const CapturedContentEntity = defineEntity({
  name: 'CapturedContent',
  tableName: 'captured_contents',
  properties: {
    /** SHA-256 of the text, in hex. */
    hash: p.text().primary(),
    /** JSON text of a `TrialEnvironment` or `TrialCode`; not jsonb, which refuses some of what programs say. */
    content: p.text(),
  },
});

export const comparisonEntities = [CaptureEntity, CapturedContentEntity];
