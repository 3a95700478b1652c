/**
 * What values a widget may have, apart from the schemas, so that a kernel can check them without loading these.
 */
import type { WidgetFile, WidgetSpec } from './widgets.ts';

/** Most characters of a text widget's value. */
const LONGEST_TEXT = 100_000;

/**
 * The value of a widget after a change, brought within what its spec allows.
 * @throws RangeError in words for a person when the value does not fit
 */
export function acceptValue(spec: WidgetSpec, value: unknown): unknown {
  const refuse = (wanted: string): never => {
    throw new RangeError(`“${spec.label || spec.kind}” takes ${wanted}`);
  };
  switch (spec.kind) {
    case 'slider':
      if (typeof value !== 'number' || Number.isNaN(value)) return refuse(`a number from ${spec.min} to ${spec.max}`);
      return Math.min(spec.max, Math.max(spec.min, value));
    case 'select': {
      const fits = (one: unknown): boolean => typeof one === 'string' && spec.options.includes(one);
      if (spec.multiple) return Array.isArray(value) && value.every(fits) ? value : refuse('a list of its options');
      return fits(value) ? value : refuse('one of its options');
    }
    case 'checkbox':
      return typeof value === 'boolean' ? value : refuse('true or false');
    case 'text':
      return typeof value === 'string' ? value.slice(0, LONGEST_TEXT) : refuse('text');
    case 'button':
      return Number.isSafeInteger(value) ? value : refuse('the number of its presses');
    case 'file':
      return value === null ? null : (fileOf(value) ?? refuse('a file'));
  }
}

/** A file as browsers see it, without anything else that came with it. */
export function fileOf(value: unknown): WidgetFile | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const name: unknown = Reflect.get(value, 'name');
  const mime: unknown = Reflect.get(value, 'mime');
  const bytes: unknown = Reflect.get(value, 'bytes');
  if (typeof name !== 'string' || name.length > 400 || typeof mime !== 'string' || mime.length > 200) return undefined;
  return typeof bytes === 'number' && Number.isSafeInteger(bytes) && bytes >= 0 ? { name, mime, bytes } : undefined;
}
