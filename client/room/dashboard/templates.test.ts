import { Panel } from '@trialroom/shared/room/panel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { idOf, panelsFor, TEMPLATES } from './templates.ts';

const context = {
  keys: ['acc', 'loss', 'lr', 'system/cpu', 'val_loss'],
  objective: null,
  single: true,
  params: [],
  media: [],
};

describe('templates of dashboards', () => {
  it('begin with the loss, and end with the log', () => {
    const panels = panelsFor('auto', context);
    expect(panels[0]).toMatchObject({ kind: 'curves', width: 12, settings: { keys: ['loss', 'val_loss'] } });
    expect(panels.map(({ kind }) => kind)).toEqual([
      'curves',
      'curves',
      'curves',
      'health',
      'resources',
      'events',
      'logs',
    ]);
    expect(panelsFor('blank', context)).toEqual([]);
    expect(panelsFor('unknown', context)).toEqual(panels);
  });

  it('show whatever else was logged, after the curves', () => {
    const panels = panelsFor('auto', { ...context, media: ['image', 'text'] });
    expect(panels.slice(3, 5).map(({ kind, width }) => [kind, width])).toEqual([
      ['images', 6],
      ['texts', 6],
    ]);
    expect(panels.length).toBe(9);
    expect(panelsFor('blank', { ...context, media: ['image'] })).toEqual([]);
  });

  it('compare trials by parameter in a sweep', () => {
    const sweep = panelsFor('sweep', { ...context, single: false, params: ['lr'], objective: { key: 'val_loss' } });
    expect(sweep[0]).toMatchObject({ kind: 'bar', settings: { key: 'val_loss' } });
    expect(sweep[1]).toMatchObject({ kind: 'scatter', settings: { x: 'param:lr', y: 'val_loss' } });
  });

  it('are panels whatever the metrics are called, each with an id of its own, the same every time', () => {
    const name = fc.oneof(
      fc.string({ maxLength: 30 }),
      fc.constant('x'.repeat(10_000)),
      fc.constantFrom('loss', 'val_loss'),
    );
    fc.assert(
      fc.property(fc.uniqueArray(name, { maxLength: 30 }), fc.constantFrom(...TEMPLATES), (keys, template) => {
        const made = panelsFor(template.name, { ...context, keys: [...keys].sort() });
        for (const panel of made) Panel.parse(panel);
        expect(new Set(made.map(({ id }) => id)).size).toBe(made.length);
        expect(panelsFor(template.name, { ...context, keys: [...keys].sort() })).toEqual(made);
      }),
    );
    expect(idOf('curves', 'a')).not.toBe(idOf('curves', 'b'));
  });
});
