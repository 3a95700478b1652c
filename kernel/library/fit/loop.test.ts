import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { advance, type Command, type LoopEvent, type LoopState, type Plan, START, type Wish } from './loop.ts';

const BATCHES = 3;
const PLAN: Plan = {
  epochs: 4,
  validates: true,
  monitor: { key: 'val_loss', direction: 'min' },
  early: { patience: 2, minDelta: 0 },
  restoreBest: true,
  plateau: { kind: 'plateau', patience: 1, factor: 0.5 },
  checkpoints: { everyEpochs: 2 },
};

interface Walk {
  commands: string[];
  /** Without the time of the last checkpoint. */
  state: Omit<LoopState, 'savedAt'>;
  /** Batches trained on, as `epoch/batch`, in order. */
  trained: string[];
}

/**
 * Carries out commands as a run would, in which an epoch has three batches and validation gives `losses` by epoch.
 * @param wishes what people want after so many batches
 * @param resumes begins anew at each stop, as when going on from a checkpoint
 */
function walk(plan: Plan, losses: readonly number[], wishes: ReadonlyMap<number, Wish>, resumes = false): Walk {
  const commands: string[] = [];
  const trained: string[] = [];
  const obeyed = new Set<number>();
  let state: LoopState = START;
  let event: LoopEvent | undefined = { type: 'began', now: 0 };
  const wishAt = (steps: number): Wish => {
    const wish = obeyed.has(steps) ? 'go' : (wishes.get(steps) ?? 'go');
    obeyed.add(steps);
    return wish;
  };
  const carryOut = (command: Command): LoopEvent | undefined => {
    commands.push(command.do);
    switch (command.do) {
      case 'step':
        if (command.batch === BATCHES) return { type: 'exhausted', wish: 'go', now: 0 };
        trained.push(`${command.epoch}/${command.batch}`);
        return {
          type: 'stepped',
          figures: { loss: trained.length },
          examples: 2,
          wish: wishAt(state.steps + 1),
          now: 0,
        };
      case 'validate':
        return { type: 'validated', figures: { val_loss: losses[state.epoch] ?? 9 }, wish: 'go', now: 0 };
      case 'wait':
        return { type: 'waited', wish: 'go', now: 0 };
      case 'end':
        return command.ending === 'stopped' && resumes ? { type: 'began', now: 0 } : undefined;
      default:
        return undefined;
    }
  };
  while (event) {
    const [next, todo]: [LoopState, Command[]] = advance(plan, state, event);
    state = next;
    event = undefined;
    for (const [index, command] of todo.entries()) {
      const answer = carryOut(command);
      // Only the last of a list is answered.
      expect(answer === undefined || index === todo.length - 1).toBe(true);
      event = answer;
    }
  }
  const { savedAt: _, ...rest } = state;
  return { commands, state: rest, trained };
}

describe('the loop', () => {
  it('goes through epochs, judges each, and keeps the best', () => {
    const { commands, trained, state } = walk(PLAN, [4, 3, 5, 2], new Map());
    const epoch = ['step', 'step', 'step', 'step', 'validate', 'report'];
    expect(commands).toEqual([
      ...[...epoch, 'keep-best'],
      ...[...epoch, 'keep-best', 'checkpoint'],
      ...epoch,
      ...[...epoch, 'keep-best', 'checkpoint', 'settle', 'end'],
    ]);
    expect(trained).toHaveLength(12);
    expect(state.history[1]).toEqual({ loss: 5, val_loss: 3 });
    expect(state.best).toEqual({ value: 2, epoch: 3 });
    expect(state.plateau.scale).toBe(0.5);
    expect(state.examples).toBe(24);
  });

  it('ends early without improvement, NaN being none', () => {
    const { state, commands } = walk(PLAN, [1, Number.NaN, 2], new Map());
    expect(state.epoch).toBe(3);
    expect(state.best).toEqual({ value: 1, epoch: 0 });
    expect(commands.slice(-3)).toEqual(['checkpoint', 'settle', 'end']);
  });

  it('writes a checkpoint and waits for a pause, and goes on with the next batch', () => {
    const { commands, trained } = walk(PLAN, [1, 1, 1, 1], new Map([[2, 'pause']]));
    expect(commands.slice(0, 5)).toEqual(['step', 'step', 'checkpoint', 'wait', 'step']);
    expect(trained.slice(0, 3)).toEqual(['0/0', '0/1', '0/2']);
  });

  it('takes the same way whenever it is paused, or stopped and begun again', () => {
    const wish = fc.constantFrom<Wish>('pause', 'stop');
    const wishes = fc.array(fc.tuple(fc.integer({ min: 1, max: 12 }), wish), { maxLength: 6 });
    const losses = fc.array(fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constant(Number.NaN)), { minLength: 4 });
    fc.assert(
      fc.property(losses, wishes, (values, wanted) => {
        const straight = walk(PLAN, values, new Map());
        const broken = walk(PLAN, values, new Map(wanted), true);
        expect(broken.trained).toEqual(straight.trained);
        expect(broken.state).toEqual(straight.state);
      }),
    );
  });

  it('writes checkpoints when they are due by batches or by time', () => {
    const steps = walk({ ...PLAN, epochs: 1, checkpoints: { everySteps: 2 } }, [1], new Map());
    expect(steps.commands.slice(0, 4)).toEqual(['step', 'step', 'checkpoint', 'step']);
    const timed: Plan = { ...PLAN, checkpoints: { everyMs: 100 } };
    const stepped = (now: number): LoopEvent => ({
      type: 'stepped',
      figures: { loss: 1 },
      examples: 1,
      wish: 'go',
      now,
    });
    const [early, none] = advance(timed, START, stepped(99));
    expect(none.map((command) => command.do)).toEqual(['step']);
    const [late, some] = advance(timed, early, stepped(100));
    expect(some.map((command) => command.do)).toEqual(['checkpoint', 'step']);
    expect(late.savedAt).toBe(100);
  });

  it('says which figures there are when the one watched is not among them', () => {
    expect(() => walk({ ...PLAN, monitor: { key: 'val_f1', direction: 'max' } }, [1], new Map())).toThrow(
      '"val_f1" is watched, and there is no such figure; there are loss, val_loss',
    );
  });
});
