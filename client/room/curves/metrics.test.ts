import { directionOf, splitOf } from '@trialroom/shared/trial/metric-names';
import { describe, expect, it } from 'vitest';
import { visibleRows } from '../../components/visible-rows.ts';
import { bestOf } from '../trial/best.ts';
import { etaOf } from '../trial/eta.ts';
import { plannedSteps } from '../trial/plan.ts';
import { figuresOf, leadingKey, nameOf, titleOf } from './metrics.ts';

describe('splitOf', () => {
  it.each([
    ['val_loss', 'val', 'loss'],
    ['valAccuracy', 'val', 'accuracy'],
    ['validation/acc', 'val', 'acc'],
    ['train_loss', 'train', 'loss'],
    ['testAccuracy', 'test', 'accuracy'],
    ['loss', null, 'loss'],
    ['value', null, 'value'],
    ['trainable', null, 'trainable'],
    ['val', null, 'val'],
  ])('%s', (key, split, base) => {
    expect(splitOf(key)).toEqual({ split, base });
  });
});

describe('figures', () => {
  it('pair train and validation, loss first, and give the first two pens to them', () => {
    const figures = figuresOf(['lr', 'val_accuracy', 'loss', 'accuracy', 'val_loss', 'gradNorm'], null);
    expect(figures.map(({ title }) => title)).toEqual(['Loss', 'Accuracy', 'Grad norm', 'Learning rate']);
    expect(figures[0]?.lines).toEqual([
      { key: 'loss', name: 'train', colour: 1 },
      { key: 'val_loss', name: 'val', colour: 2 },
    ]);
    expect(figures.slice(2).map(({ lines }) => lines[0]?.colour)).toEqual([3, 4]);
  });

  it('do not depend on the order in which metrics came', () => {
    const keys = ['b', 'a', 'loss', 'val_loss'];
    expect(figuresOf(keys, null)).toEqual(figuresOf([...keys].reverse(), null));
  });

  it('do not name the only line of a figure', () => {
    expect(figuresOf(['loss'], null)[0]?.lines).toEqual([{ key: 'loss', name: '', colour: 1 }]);
  });
});

describe('names and directions', () => {
  it('read like labels', () => {
    expect(nameOf('val_loss', ['loss', 'val_loss'])).toBe('Validation loss');
    expect(nameOf('loss', ['loss', 'val_loss'])).toBe('Training loss');
    expect(nameOf('loss', ['loss'])).toBe('Loss');
    expect(titleOf('imagesPerSecond')).toBe('Images per second');
  });

  it('obey the objective before the name', () => {
    expect(directionOf('loss', null)).toBe('minimise');
    expect(directionOf('valAccuracy', null)).toBe('maximise');
    expect(directionOf('temperature', null)).toBeNull();
    expect(directionOf('score', { key: 'val_score', direction: 'minimise' })).toBe('minimise');
  });

  it('lead with the objective, else with the validation loss', () => {
    expect(leadingKey(['accuracy', 'loss', 'val_loss'], null)).toBe('val_loss');
    expect(leadingKey(['accuracy', 'loss'], { key: 'accuracy' })).toBe('accuracy');
    expect(leadingKey([], null)).toBeUndefined();
    expect(leadingKey(['system/load'], null)).toBeUndefined();
    expect(figuresOf(['system/memory', 'reward'], null).map(({ base }) => base)).toEqual(['reward']);
  });
});

describe('bestOf', () => {
  it('takes the first of equals and skips what is no number', () => {
    const curve = { steps: [1, 2, 3, 4], values: [3, Number.NaN, 1, 1] };
    expect(bestOf(curve, 'minimise')).toEqual({ step: 3, value: 1 });
    expect(bestOf(curve, 'maximise')).toEqual({ step: 1, value: 3 });
    expect(bestOf({ steps: [1], values: [Number.NaN] }, 'maximise')).toBeNull();
  });
});

describe('plans', () => {
  it('are believed only when progress and metrics count the same', () => {
    expect(plannedSteps({ progress: { done: 100, total: 1000 } }, 99)).toBe(1000);
    expect(plannedSteps({ progress: { done: 2, total: 3 } }, 1800)).toBeUndefined();
    expect(plannedSteps({ progress: { done: 5 } }, 5)).toBeUndefined();
  });
});

describe('etaOf', () => {
  const trial = {
    id: 't',
    experiment: '',
    name: '',
    experimentId: 'e',
    tags: [],
    starred: false,
    note: '',
    archivedAt: null,
    status: 'running' as const,
    stopRequested: false,
    pauseRequested: false,
    release: 'none' as const,
    checkpoint: null,
    revision: 0,
    params: {},
    objective: null,
    progress: { done: 25, total: 100 },
    summary: {},
    reason: null,
    notebook: null,
    cell: null,
    backend: null,
    by: null,
    createdAt: 0,
    startedAt: 1000,
    endedAt: null,
  };

  it('goes on at the pace so far', () => {
    expect(etaOf(trial, 11_000)).toBe(30_000);
  });

  it('is not known without a plan, a pace, or a running trial', () => {
    expect(etaOf({ ...trial, progress: { done: 25 } }, 11_000)).toBeNull();
    expect(etaOf({ ...trial, progress: { done: 0, total: 100 } }, 11_000)).toBeNull();
    expect(etaOf({ ...trial, status: 'lost' }, 11_000)).toBeNull();
  });
});

describe('visibleRows', () => {
  it('is a window with a margin, within the list', () => {
    expect(visibleRows(0, 210, 21, 1000)).toEqual({ first: 0, end: 20 });
    expect(visibleRows(2100, 210, 21, 1000)).toEqual({ first: 90, end: 120 });
    expect(visibleRows(99_999, 210, 21, 50)).toEqual({ first: 50, end: 50 });
    expect(visibleRows(0, 210, 21, 0)).toEqual({ first: 0, end: 0 });
  });
});
