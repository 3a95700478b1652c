/** Tables of annotations: threads, their messages, and how far each person has read. */
import { defineEntity, p } from '@mikro-orm/core';
import type { Subject } from '@trialroom/shared/annotation/target';

export const AnnotationRow = defineEntity({
  name: 'Annotation',
  tableName: 'annotations',
  uniques: [{ properties: ['kind', 'subject', 'number'] }],
  properties: {
    id: p.string().length(40).primary(),
    /** What it belongs to: a `Subject`. */
    kind: p.string().length(16).$type<Subject['kind']>(),
    subject: p.text(),
    /** Counts from 1 within the subject. */
    number: p.integer(),
    /** An `AnnotationTarget` as JSON text: quotes may hold what jsonb refuses. */
    target: p.text(),
    /** Grows by one with each change. */
    revision: p.integer().default(1),
    /** ms since the epoch. */
    createdAt: p.double(),
    /** Id of a person; null while the thread is open. */
    resolvedBy: p.string().length(40).nullable(),
    resolvedAt: p.double().nullable(),
  },
});

export const AnnotationMessageRow = defineEntity({
  name: 'AnnotationMessage',
  tableName: 'annotation_messages',
  properties: {
    id: p.string().length(40).primary(),
    annotation: p.string().length(40).index(),
    /** Made by the browser that sent it: the same one twice is one message. */
    request: p.string().length(80).unique(),
    /** Id of a person. */
    author: p.string().length(40),
    /** JSON text of the Markdown, for the same reason as `target`. */
    text: p.text(),
    at: p.double().index(),
    editedAt: p.double().nullable(),
  },
});

export const AnnotationReadRow = defineEntity({
  name: 'AnnotationRead',
  tableName: 'annotation_reads',
  properties: {
    person: p.string().length(40).primary(),
    annotation: p.string().length(40).primary(),
    /** ms since the epoch of the last message seen. */
    readTo: p.double(),
  },
});

export const annotationEntities = [AnnotationRow, AnnotationMessageRow, AnnotationReadRow];
