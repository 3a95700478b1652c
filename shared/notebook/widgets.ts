/**
 * Input widgets: values that a cell asks people for and everyone in the notebook shares. The kernel makes them, the
 * server holds their latest value, every browser draws them; the last change wins, whoever made it.
 */
import { z } from 'zod';

export { acceptValue } from './widget-values.ts';

const label = z.string().max(200);
const options = z.array(z.string().max(200)).min(1).max(1000);

/** What a widget is, fixed when it is made. Its value is kept apart. */
export const WidgetSpec = z.discriminatedUnion('kind', [
  /** Value: number within `min` … `max`. */
  z.object({
    kind: z.literal('slider'),
    label,
    min: z.number(),
    max: z.number(),
    step: z.number().positive(),
  }),
  /** Value: one of `options`, or a list of them when `multiple`. */
  z.object({ kind: z.literal('select'), label, options, multiple: z.boolean() }),
  /** Value: boolean. */
  z.object({ kind: z.literal('checkbox'), label }),
  /** Value: string. */
  z.object({ kind: z.literal('text'), label, placeholder: label, multiline: z.boolean() }),
  /** Value: how many times it was pressed. */
  z.object({ kind: z.literal('button'), label }),
  /** Value: {@link WidgetFile} or null. */
  z.object({ kind: z.literal('file'), label, accept: z.string().max(200) }),
]);
export type WidgetSpec = z.infer<typeof WidgetSpec>;

/** The value of a `file` widget as browsers see it; the kernel also gets the bytes. */
export const WidgetFile = z.object({ name: z.string().max(400), mime: z.string().max(200), bytes: z.number().int() });
export type WidgetFile = z.infer<typeof WidgetFile>;

/** A widget as everyone sees it. */
export const WidgetState = z.object({
  id: z.string(),
  /** The cell that made it. */
  cell: z.string(),
  spec: WidgetSpec,
  value: z.unknown(),
  /** Who changed it last; null: the code. */
  by: z.object({ id: z.string(), name: z.string() }).nullable(),
  /** False once its kernel is gone or the code has closed it. */
  live: z.boolean(),
});
export type WidgetState = z.infer<typeof WidgetState>;

/** A cell waits for text from a person; the first answer counts. */
export const InputPrompt = z.object({
  request: z.number().int(),
  cell: z.string(),
  execution: z.string(),
  prompt: z.string(),
  password: z.boolean(),
  /** A line of the standard input is asked for: the answer `END_OF_INPUT` ends it. */
  stdin: z.boolean().optional(),
});
export type InputPrompt = z.infer<typeof InputPrompt>;

/** Most bytes of a file given to a `file` widget: as base64 it must fit into one request. */
export const WIDGET_FILE_LIMIT = 20 * 1024 * 1024;
