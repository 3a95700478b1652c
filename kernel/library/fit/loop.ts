/**
 * What training does next, decided apart from doing it: a pure reducer from events (a step is taken, an epoch is
 * validated, someone wants a pause) to commands. Its state is plain numbers, and all of it goes into checkpoints: a run
 * that goes on from one takes the same decisions as if it had never stopped.
 */
import type { Figures } from '../compile/contract.ts';
import { type Direction, isBetter, LEVEL, type PlateauState, plateau, type ScheduleSpec } from './schedule.ts';

/** What the run is to do; does not change while it runs. */
export interface Plan {
  epochs: number;
  validates: boolean;
  /** What is judged. */
  monitor: { key: string; direction: Direction };
  early?: { patience: number; minDelta: number } | undefined;
  /** Whether the best weights are set aside, and brought back at the end. */
  restoreBest: boolean;
  plateau?: Extract<ScheduleSpec, { kind: 'plateau' }> | undefined;
  /** When checkpoints are due; absent: never. At a pause, a stop and the end there is one beside. */
  checkpoints?: { everyEpochs?: number | undefined; everySteps?: number | undefined; everyMs?: number | undefined };
}

/** What people want. */
export type Wish = 'go' | 'pause' | 'stop';

/** Where the run is. All of it is kept in checkpoints, but for `savedAt`. */
export interface LoopState {
  /** The epoch that is gone through, from 0, and the next batch in it. */
  epoch: number;
  batch: number;
  /** Batches and examples trained on in all. */
  steps: number;
  examples: number;
  /** Over the batches of this epoch: each figure times its batch's examples. */
  sums: Readonly<Record<string, number>>;
  counted: number;
  /** The figures of each epoch that is over. */
  history: readonly Figures[];
  best: { value: number; epoch: number } | null;
  /** Epochs since the best, for early stopping. */
  waited: number;
  plateau: PlateauState;
  /** When the last checkpoint was written, in ms of the run's clock. */
  savedAt: number;
}

export const START: LoopState = {
  epoch: 0,
  batch: 0,
  steps: 0,
  examples: 0,
  sums: {},
  counted: 0,
  history: [],
  best: null,
  waited: 0,
  plateau: LEVEL,
  savedAt: 0,
};

/** What happened. `now` in ms of the run's clock. */
export type LoopEvent =
  | { type: 'began'; now: number }
  | { type: 'stepped'; figures: Figures; examples: number; wish: Wish; now: number }
  /** The epoch has no more batches. */
  | { type: 'exhausted'; wish: Wish; now: number }
  | { type: 'validated'; figures: Readonly<Record<string, number>>; wish: Wish; now: number }
  /** A pause is over. */
  | { type: 'waited'; wish: Wish; now: number };

/** Why a run ended: all epochs are done, no more improvement was in sight, or someone wanted it. */
export type Ending = 'completed' | 'early' | 'stopped';

/** What to do. The last command of a list is answered by an event; those before it are only done. */
export type Command =
  | { do: 'step'; epoch: number; batch: number }
  | { do: 'validate' }
  | { do: 'wait' }
  | { do: 'end'; ending: Ending }
  | { do: 'report' }
  | { do: 'keep-best' }
  /** Gives the model the weights that it is to end with. */
  | { do: 'settle' }
  | { do: 'checkpoint' };

/** The next state, and what to do. */
export function advance(plan: Plan, state: LoopState, event: LoopEvent): [LoopState, Command[]] {
  switch (event.type) {
    case 'began':
      return [{ ...state, savedAt: event.now }, onwards(plan, state)];
    case 'waited':
      return event.wish === 'go' ? [state, onwards(plan, state)] : obey(plan, state, event);
    case 'stepped': {
      const next = taken(state, event.figures, event.examples);
      if (event.wish !== 'go') return obey(plan, next, event);
      const commands: Command[] = [{ do: 'step', epoch: next.epoch, batch: next.batch }];
      return isDue(plan, next, event.now, false)
        ? [{ ...next, savedAt: event.now }, [{ do: 'checkpoint' }, ...commands]]
        : [next, commands];
    }
    case 'exhausted':
      return plan.validates ? [state, [{ do: 'validate' }]] : ended(plan, state, {}, event);
    case 'validated':
      return ended(plan, state, event.figures, event);
  }
}

/** Means over the batches of the epoch so far. */
export function means({ sums, counted }: LoopState): Figures {
  const figures: Figures = { loss: Number.NaN };
  for (const [key, sum] of Object.entries(sums)) figures[key] = sum / counted;
  return figures;
}

function taken(state: LoopState, figures: Figures, examples: number): LoopState {
  const sums = { ...state.sums };
  for (const [key, value] of Object.entries(figures)) sums[key] = (sums[key] ?? 0) + value * examples;
  return {
    ...state,
    batch: state.batch + 1,
    steps: state.steps + 1,
    examples: state.examples + examples,
    counted: state.counted + examples,
    sums,
  };
}

/** The next batch, or the end where there is nothing left to do. */
function onwards(plan: Plan, state: LoopState): Command[] {
  const ending = endOf(plan, state);
  if (ending) return finish(ending);
  return [{ do: 'step', epoch: state.epoch, batch: state.batch }];
}

function endOf({ epochs, early }: Plan, { epoch, batch, waited }: LoopState): Ending | undefined {
  if (epoch >= epochs) return 'completed';
  return early && batch === 0 && waited >= early.patience ? 'early' : undefined;
}

const finish = (ending: Ending): Command[] => [{ do: 'settle' }, { do: 'end', ending }];

/** Between two steps, when someone wants it. */
function obey(plan: Plan, state: LoopState, { wish, now }: { wish: Wish; now: number }): [LoopState, Command[]] {
  const save: Command[] = plan.checkpoints ? [{ do: 'checkpoint' }] : [];
  const next = { ...state, savedAt: now };
  if (wish === 'pause') return [next, [...save, { do: 'wait' }]];
  return [next, [...save, ...finish('stopped')]];
}

/** Closes an epoch and judges it. */
function ended(
  plan: Plan,
  state: LoopState,
  validation: Readonly<Record<string, number>>,
  { wish, now }: { wish: Wish; now: number },
): [LoopState, Command[]] {
  const { key, direction } = plan.monitor;
  const figures: Figures = { ...means(state), ...validation };
  const value = figures[key];
  if (value === undefined) {
    const known = Object.keys(figures).join(', ');
    throw new Error(`"${key}" is watched, and there is no such figure; there are ${known}`);
  }
  const better = isBetter(value, state.best?.value ?? null, direction, plan.early?.minDelta);
  const next: LoopState = {
    ...state,
    epoch: state.epoch + 1,
    batch: 0,
    sums: {},
    counted: 0,
    history: [...state.history, figures],
    best: better ? { value, epoch: state.epoch } : state.best,
    waited: better ? 0 : state.waited + 1,
    plateau: plan.plateau ? plateau(plan.plateau, state.plateau, value, direction) : state.plateau,
  };
  const before: Command[] = [{ do: 'report' }];
  if (better && plan.restoreBest) before.push({ do: 'keep-best' });
  const ending = endOf(plan, next);
  if (!ending && wish !== 'go') {
    const [after, commands] = obey(plan, next, { wish, now });
    return [after, [...before, ...commands]];
  }
  const due = plan.checkpoints && (ending !== undefined || isDue(plan, next, now, true));
  if (due) before.push({ do: 'checkpoint' });
  return [due ? { ...next, savedAt: now } : next, [...before, ...onwards(plan, next)]];
}

function isDue({ checkpoints }: Plan, state: LoopState, now: number, epochEnds: boolean): boolean {
  if (!checkpoints) return false;
  const { everyEpochs, everySteps, everyMs } = checkpoints;
  if (epochEnds && everyEpochs !== undefined && state.epoch % everyEpochs === 0) return true;
  if (!epochEnds && everySteps !== undefined && state.steps % everySteps === 0) return true;
  return everyMs !== undefined && now - state.savedAt >= everyMs;
}
