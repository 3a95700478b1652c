/**
 * The widgets there are. Each is shown when it is the result of a cell or displayed; a cell that is run again finds the
 * value that a person chose, as long as it asks the same (kind, label, options and first value).
 */
import { fileOf } from '@trialroom/shared/notebook/widget-values';
import type { WidgetFile } from '@trialroom/shared/notebook/widgets';
import { LiveWidget, type Widget, type WidgetForm } from './widget.ts';

const LONGEST_LABEL = 200;

/** Options of {@link slider}. */
export interface SliderOptions {
  /** 0 by default. */
  min?: number;
  /** 1 by default. */
  max?: number;
  /** By default 1 between whole numbers more than 1 apart, else a hundredth of the range. */
  step?: number;
  /** `min` by default. */
  value?: number;
}

/**
 * A number that people choose by sliding.
 * @throws RangeError for a range without extent, a step that is not above 0 or a value that is no number
 * @example const rate = slider('Learning rate', { min: 0.001, max: 0.1, step: 0.001, value: 0.01 });
 */
export function slider(label: string, options: SliderOptions = {}): Widget<number> {
  const { min = 0, max = 1 } = options;
  const whole = Number.isInteger(min) && Number.isInteger(max) && max - min > 1;
  const { step = whole ? 1 : Number(((max - min) / 100).toPrecision(12)), value = min } = options;
  if (![min, max, step, value].every(Number.isFinite) || !(min < max) || !(step > 0)) {
    throw new RangeError(`slider(): give numbers with min < max and step > 0; not ${JSON.stringify(options)}`);
  }
  return new LiveWidget<number>(
    {
      spec: { kind: 'slider', label: labelOf(label), min, max, step },
      toWire: (number) => number,
      fromWire: Number,
      describe: String,
      keeps: true,
    },
    Math.min(max, Math.max(min, value)),
  );
}

/** What can be chosen from: texts, or values by the text they are shown as. */
export type SelectOptions<T> = readonly (T & string)[] | Readonly<Record<string, T>>;

/**
 * One of several values, or some of them.
 * @param options texts, or values by the text that they are shown as
 * @param settings `value`: what is chosen at first (the first by default, or none when `multiple`)
 * @throws RangeError when there are no options, or `value` is none of them
 * @example const size = select('Size', { small: 16, large: 64 }); size.value * 2
 */
export function select<const T>(
  label: string,
  options: SelectOptions<T>,
  settings: { multiple: true; value?: readonly NoInfer<T>[] },
): Widget<T[]>;
export function select<const T>(
  label: string,
  options: SelectOptions<T>,
  settings?: { multiple?: false; value?: NoInfer<T> },
): Widget<T>;
export function select(
  label: string,
  options: readonly unknown[] | Readonly<Record<string, unknown>>,
  settings: { multiple?: boolean; value?: unknown } = {},
): Widget<unknown> {
  const entries: [string, unknown][] = Array.isArray(options)
    ? options.map((option) => [String(option), option])
    : Object.entries(options);
  const values = new Map(entries);
  const names = [...values.keys()];
  const [first] = names;
  if (first === undefined || names.length > 1000) throw new RangeError('select(): give 1 to 1000 options');
  if (names.some((name) => name.length > LONGEST_LABEL)) {
    throw new RangeError(`select(): an option has at most ${LONGEST_LABEL} characters`);
  }
  const nameOf = (value: unknown): string => {
    const found = entries.find(([, each]) => Object.is(each, value));
    if (!found) throw new RangeError(`“${label}” takes one of its options: ${names.slice(0, 20).join(', ')}`);
    return found[0];
  };
  const spec = { kind: 'select' as const, label: labelOf(label), options: names };
  if (settings.multiple === true) {
    const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
    return new LiveWidget<unknown>(
      {
        spec: { ...spec, multiple: true },
        toWire: (chosen) => listOf(chosen).map(nameOf),
        fromWire: (wire) => listOf(wire).map((name) => values.get(String(name))),
        describe: (chosen) => listOf(chosen).map(nameOf).join(', ') || 'none',
        keeps: true,
      },
      listOf(settings.value).map((value) => values.get(nameOf(value))),
    );
  }
  return new LiveWidget<unknown>(
    {
      spec: { ...spec, multiple: false },
      toWire: nameOf,
      fromWire: (wire) => values.get(String(wire)),
      describe: nameOf,
      keeps: true,
    },
    values.get('value' in settings && settings.value !== undefined ? nameOf(settings.value) : first),
  );
}

/** Yes or no. */
export function checkbox(label: string, options: { value?: boolean } = {}): Widget<boolean> {
  const form: WidgetForm<boolean> = {
    spec: { kind: 'checkbox', label: labelOf(label) },
    toWire: (value) => value,
    fromWire: (wire) => wire === true,
    describe: String,
    keeps: true,
  };
  return new LiveWidget(form, options.value === true);
}

/** Options of {@link text}. */
export interface TextOptions {
  value?: string;
  /** Shown while there is no text. */
  placeholder?: string;
  multiline?: boolean;
}

/** Text that people write; its value changes when they are done with it, by Enter or by leaving it. */
export function text(label: string, options: TextOptions = {}): Widget<string> {
  const { value = '', placeholder = '', multiline = false } = options;
  const form: WidgetForm<string> = {
    spec: { kind: 'text', label: labelOf(label), placeholder: labelOf(placeholder), multiline },
    toWire: (written) => written,
    fromWire: String,
    describe: (written) => JSON.stringify(written.length > 80 ? `${written.slice(0, 79)}…` : written),
    keeps: true,
  };
  return new LiveWidget(form, String(value));
}

/** A button; its value is how many times it was pressed. `await button('Go on').next()` waits for a press. */
export function button(label: string): Widget<number> {
  const form: WidgetForm<number> = {
    spec: { kind: 'button', label: labelOf(label) },
    toWire: (presses) => presses,
    fromWire: Number,
    describe: (presses) => `pressed ${presses} ${presses === 1 ? 'time' : 'times'}`,
    keeps: false,
  };
  return new LiveWidget(form, 0);
}

/** A file that someone gave. */
export interface GivenFile extends WidgetFile {
  content: Uint8Array;
}

/**
 * A file of at most 20 MB that people give from their own machine; null until someone has.
 * @param options `accept`: which files, as in HTML, e.g. `.csv,image/*`
 * @example const csv = file('Measurements', { accept: '.csv' }); await csv.next();
 */
export function file(label: string, options: { accept?: string } = {}): Widget<GivenFile | null> {
  const form: WidgetForm<GivenFile | null> = {
    spec: { kind: 'file', label: labelOf(label), accept: labelOf(options.accept ?? '') },
    toWire: (given) => given && { name: given.name, mime: given.mime, bytes: given.bytes },
    fromWire: (wire, payload) => {
      const given = fileOf(wire);
      return given ? { ...given, content: payload ?? new Uint8Array(0) } : null;
    },
    describe: (given) => (given ? `${given.name}, ${given.bytes.toLocaleString('en-US')} bytes` : 'none'),
    keeps: true,
  };
  return new LiveWidget<GivenFile | null>(form, null);
}

const labelOf = (label: unknown): string => String(label ?? '').slice(0, LONGEST_LABEL);
