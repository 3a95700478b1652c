/**
 * Learning rates as pure functions of the number of the update, from 1: where training goes on after a stop, the rate
 * follows from the number alone. Only the plateau depends on how training went; it is a reducer.
 */

interface Common {
  /** The rate that all is relative to; the optimizer's own when not given. */
  rate?: number;
}

interface Warm extends Common {
  /** The rate rises in a straight line over so many updates; 0 when not given. */
  warmup?: number;
}

/** How long a stretch is, in updates or in epochs. */
type Stretch = { every: number } | { everyEpochs: number };

/** A schedule with its settings. `updates`: how many there will be; follows from epochs and data when not given. */
export type ScheduleSpec =
  | ({ kind: 'constant' } & Warm)
  /** Half a cosine from `rate` down to `floor` (0). */
  | ({ kind: 'cosine'; floor?: number; updates?: number } & Warm)
  /** Times `factor` (0.1) after each stretch. */
  | ({ kind: 'step'; factor?: number } & Stretch & Warm)
  /** Times `decay` over each stretch, a little with each update. */
  | ({ kind: 'exponential'; decay: number } & Stretch & Warm)
  /** Up to `rate` over the share `rise` (0.3) of the run, from `rate / 25`, then down to `rate / 10000`. */
  | ({ kind: 'one-cycle'; rise?: number; updates?: number } & Common)
  /** Times `factor` (0.1) when the metric watched has not improved by `minDelta` for `patience` (10) epochs. */
  | ({ kind: 'plateau'; factor?: number; patience?: number; minDelta?: number; floor?: number } & Common);

/** A schedule: a specification, its kind alone, or a function from the number of the update, from 1, to the rate. */
export type Schedule = ScheduleSpec | 'constant' | 'cosine' | 'one-cycle' | 'plateau' | ((update: number) => number);

/** What a schedule is made for. */
export interface ScheduleContext {
  /** The optimizer's rate. */
  rate: number;
  /** Updates in an epoch and in the whole run; undefined when only reading to the end will tell. */
  perEpoch: number | undefined;
  updates: number | undefined;
}

const KINDS = ['constant', 'cosine', 'step', 'exponential', 'one-cycle', 'plateau'] as const;

/** A schedule by its kind alone, or as it is. @throws Error when there is none of that kind */
export function scheduleSpec(schedule: Exclude<Schedule, (update: number) => number>): ScheduleSpec {
  const spec = typeof schedule === 'string' ? { kind: schedule } : schedule;
  if (KINDS.some((kind) => kind === spec.kind)) return spec;
  throw new Error(`there is no schedule "${spec.kind}"; there are ${KINDS.join(', ')}, or give a function`);
}

/**
 * The rate of each update, before what a plateau takes off.
 * @throws Error when there is no such schedule, or it must know how many updates there will be and does not
 * @throws RangeError for a setting that makes no sense
 */
export function rateOf(schedule: Schedule, context: ScheduleContext): (update: number) => number {
  if (typeof schedule === 'function') return schedule;
  const spec = scheduleSpec(schedule);
  const rate = spec.rate ?? context.rate;
  check(spec.kind, 'rate', rate, rate >= 0, 'from 0');
  switch (spec.kind) {
    case 'plateau':
      return () => rate;
    case 'constant':
      return warmed(spec, rate, () => rate);
    case 'cosine': {
      // Loshchilov & Hutter (2017), equation 5, without restarts.
      const { warmup = 0, floor = 0 } = spec;
      const updates = length(spec, context);
      return warmed(spec, rate, (update) => {
        // The first update after the rise has the whole rate, and the last one more than the floor: none is for nothing.
        const gone = updates > warmup ? Math.min(1, (update - 1 - warmup) / (updates - warmup)) : 1;
        return floor + ((rate - floor) * (1 + Math.cos(Math.PI * gone))) / 2;
      });
    }
    case 'step': {
      const { factor = 0.1 } = spec;
      const every = stretch(spec, context);
      return warmed(spec, rate, (update) => rate * factor ** Math.floor((update - 1) / every));
    }
    case 'exponential': {
      const every = stretch(spec, context);
      check(spec.kind, 'decay', spec.decay, spec.decay > 0, 'above 0');
      return warmed(spec, rate, (update) => rate * spec.decay ** ((update - 1) / every));
    }
    case 'one-cycle': {
      // Smith & Topin (2018), with half cosines instead of straight lines.
      const { rise = 0.3 } = spec;
      check(spec.kind, 'rise', rise, rise > 0 && rise < 1, 'between 0 and 1');
      const last = Math.max(1, length(spec, context) - 1);
      return (update) => {
        const gone = Math.min(1, (update - 1) / last);
        if (gone < rise) return between(rate / 25, rate, gone / rise);
        return between(rate, rate / 10_000, (gone - rise) / (1 - rise));
      };
    }
  }
}

/** Along half a cosine from one rate to another. */
const between = (from: number, to: number, share: number): number =>
  to + ((from - to) * (1 + Math.cos(Math.PI * share))) / 2;

function warmed({ kind, warmup = 0 }: { kind: string } & Warm, rate: number, then: (update: number) => number) {
  check(kind, 'warmup', warmup, Number.isInteger(warmup) && warmup >= 0, 'a whole number from 0');
  return (update: number): number => (update <= warmup ? (rate * update) / warmup : then(update));
}

function length({ kind, updates }: { kind: string; updates?: number }, context: ScheduleContext): number {
  const known = updates ?? context.updates;
  if (known === undefined) {
    throw new Error(
      `the schedule "${kind}" must know how many updates there will be, and the data do not say how many batches they are: give it \`updates\``,
    );
  }
  check(kind, 'updates', known, known > 0, 'above 0');
  return known;
}

function stretch(spec: { kind: string } & Stretch, { perEpoch }: ScheduleContext): number {
  if ('every' in spec) {
    check(spec.kind, 'every', spec.every, spec.every > 0, 'above 0');
    return spec.every;
  }
  check(spec.kind, 'everyEpochs', spec.everyEpochs, spec.everyEpochs > 0, 'above 0; or give `every`, in updates');
  if (perEpoch !== undefined) return spec.everyEpochs * perEpoch;
  throw new Error(`the schedule "${spec.kind}" counts epochs, and the data do not say how long one is: give \`every\``);
}

function check(kind: string, name: string, value: number, right: boolean, wanted: string): void {
  if (!right) throw new RangeError(`the schedule "${kind}": ${name} is ${value}; give a number ${wanted}`);
}

/** Whether figures get better as they get smaller or greater. */
export type Direction = 'min' | 'max';

/** Whether `value` is better than `than` by more than `by`; anything is better than nothing, nothing better than NaN's. */
export const isBetter = (value: number, than: number | null, direction: Direction, by = 0): boolean =>
  !Number.isNaN(value) && (than === null || (direction === 'min' ? value < than - by : value > than + by));

/** How a metric's plateau has brought the rate down so far. */
export interface PlateauState {
  /** What the rate is multiplied by. */
  scale: number;
  best: number | null;
  /** Epochs since the best. */
  waited: number;
}

export const LEVEL: PlateauState = { scale: 1, best: null, waited: 0 };

/** Takes in the metric of one more epoch. */
export function plateau(
  { factor = 0.1, patience = 10, minDelta = 1e-4 }: Extract<ScheduleSpec, { kind: 'plateau' }>,
  state: PlateauState,
  value: number,
  direction: Direction,
): PlateauState {
  if (isBetter(value, state.best, direction, minDelta)) return { ...state, best: value, waited: 0 };
  const waited = state.waited + 1;
  return waited < patience ? { ...state, waited } : { ...state, scale: state.scale * factor, waited: 0 };
}
