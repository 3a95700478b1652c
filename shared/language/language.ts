/**
 * What an editor asks about the TypeScript in a notebook, and what it is told. A place is a cell and an offset in that
 * cell's text, counted in UTF-16 units as JavaScript and CodeMirror do. The text travels with a question only as far as
 * the server does not have it yet: see `source`.
 */
import { z } from 'zod';

/** A stretch of a cell's text: `from` inclusive, `to` exclusive. */
export const CellRange = z.object({ cell: z.string(), from: z.number().int(), to: z.number().int() });
export type CellRange = z.infer<typeof CellRange>;

/** A remark of the type checker. It never keeps a cell from running. */
export const Diagnostic = z.object({
  from: z.number().int(),
  to: z.number().int(),
  severity: z.enum(['error', 'warning', 'info']),
  message: z.string(),
  /** TypeScript's number, e.g. 2322. */
  code: z.number().int().optional(),
});
export type Diagnostic = z.infer<typeof Diagnostic>;

/** A question at a place. `source` is the cell's text as the asker sees it; offsets refer to it. */
export const LanguageQuery = z.discriminatedUnion('ask', [
  z.object({ ask: z.literal('complete'), cell: z.string(), source: z.string(), offset: z.number().int() }),
  z.object({ ask: z.literal('hover'), cell: z.string(), source: z.string(), offset: z.number().int() }),
  z.object({ ask: z.literal('signature'), cell: z.string(), source: z.string(), offset: z.number().int() }),
  z.object({ ask: z.literal('definition'), cell: z.string(), source: z.string(), offset: z.number().int() }),
  z.object({
    ask: z.literal('rename'),
    cell: z.string(),
    source: z.string(),
    offset: z.number().int(),
    to: z.string().min(1).max(200),
  }),
]);
export type LanguageQuery = z.infer<typeof LanguageQuery>;

export const CompletionItem = z.object({
  label: z.string(),
  /** CodeMirror's names. */
  kind: z.enum([
    'function',
    'method',
    'class',
    'interface',
    'variable',
    'constant',
    'property',
    'type',
    'enum',
    'keyword',
    'namespace',
    'text',
  ]),
  /** Text put in when it differs from the label. */
  insert: z.string().optional(),
  /** One line, e.g. the type. */
  detail: z.string().optional(),
  /** Markdown. */
  documentation: z.string().optional(),
  /** From the running kernel, not from types. */
  live: z.boolean().optional(),
  /** Higher first; equal: in the order given. */
  boost: z.number().optional(),
});
export type CompletionItem = z.infer<typeof CompletionItem>;

/** Answers, by question; null where there is nothing to say. */
export const LanguageAnswer = z.discriminatedUnion('ask', [
  z.object({
    ask: z.literal('complete'),
    /** Where the completed word begins. */
    from: z.number().int(),
    items: z.array(CompletionItem),
    /** There are more than given: ask again after more was typed. */
    incomplete: z.boolean(),
    /** What is completed belongs to a name of an inner scope, which is not the running kernel's of that name. */
    inner: z.boolean().optional(),
  }),
  z.object({
    ask: z.literal('hover'),
    hover: z
      .object({
        from: z.number().int(),
        to: z.number().int(),
        /** Markdown: the type in a code block, then the documentation. */
        text: z.string(),
        /** What it holds in the running kernel, where it can be told without side effects. */
        value: z.string().optional(),
        /** A name of an inner scope, which is not the running kernel's of that name. */
        inner: z.boolean().optional(),
      })
      .nullable(),
  }),
  z.object({
    ask: z.literal('signature'),
    signature: z
      .object({
        label: z.string(),
        /** Stretches of `label` that are the parameters. */
        parameters: z.array(z.object({ from: z.number().int(), to: z.number().int() })),
        active: z.number().int(),
        documentation: z.string().optional(),
        /** Which of how many overloads, from 0. */
        overload: z.number().int(),
        overloads: z.number().int(),
      })
      .nullable(),
  }),
  z.object({
    ask: z.literal('definition'),
    /** In a cell, or in a file outside the notebook (read only): its whole text, and the line of it, from 1. */
    definition: z
      .union([CellRange, z.object({ file: z.string(), line: z.number().int(), text: z.string() })])
      .nullable(),
  }),
  z.object({
    ask: z.literal('rename'),
    /** Replacements in all cells, or why it cannot be renamed. */
    edits: z.array(CellRange.extend({ insert: z.string() })),
    /** The texts that the replacements are places in: whoever has another text of one of these cells asks again. */
    cells: z.array(z.object({ cell: z.string(), source: z.string() })),
    problem: z.string().nullable(),
  }),
]);
export type LanguageAnswer = z.infer<typeof LanguageAnswer>;

/** The code cells of a notebook, in the order of the document. */
export const LanguageCells = z.array(z.object({ cell: z.string(), source: z.string() }));
export type LanguageCells = z.infer<typeof LanguageCells>;

/** Server → language process. */
export const ToLanguage = z.discriminatedUnion('type', [
  /** Opens a notebook, or tells its cells anew; `folder` is where its imports are looked up. */
  z.object({ type: z.literal('cells'), notebook: z.string(), folder: z.string(), cells: LanguageCells }),
  z.object({ type: z.literal('close'), notebook: z.string() }),
  /** Answered by `answer`. */
  z.object({ type: z.literal('query'), request: z.number().int(), notebook: z.string(), query: LanguageQuery }),
  /** Asks for the remarks on all cells. Answered by `diagnostics`. */
  z.object({ type: z.literal('check'), request: z.number().int(), notebook: z.string() }),
]);
export type ToLanguage = z.infer<typeof ToLanguage>;

/** Language process → server. */
export const FromLanguage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready'), version: z.string() }),
  z.object({ type: z.literal('answer'), request: z.number().int(), answer: LanguageAnswer }),
  z.object({
    type: z.literal('diagnostics'),
    request: z.number().int(),
    /** Only cells with remarks. */
    cells: z.record(z.string(), z.array(Diagnostic)),
  }),
  z.object({ type: z.literal('failed'), request: z.number().int(), message: z.string() }),
]);
export type FromLanguage = z.infer<typeof FromLanguage>;
