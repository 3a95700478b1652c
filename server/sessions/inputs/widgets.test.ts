import type { WidgetSpec } from '@trialroom/shared/notebook/widgets';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyToWidgets, WIDGETS_KEPT, type WidgetOperation, type Widgets, widgetChange } from './widgets.ts';

const slider: WidgetSpec = { kind: 'slider', label: 'Rate', min: 0, max: 10, step: 1 };
const ann = { id: 'ann', name: 'Ann' };
const after = (...operations: WidgetOperation[]): Widgets => operations.reduce(applyToWidgets, new Map());
const opened: WidgetOperation = { type: 'opened', id: 'w', cell: 'a', spec: slider, value: 5 };

describe('widgets of a session', () => {
  it('hold the last value, and who gave it', () => {
    const widgets = after(opened, { type: 'set', id: 'w', value: 7, by: ann });
    expect(widgets.get('w')).toEqual({ id: 'w', cell: 'a', spec: slider, value: 7, by: ann, live: true });
    expect(applyToWidgets(widgets, { type: 'set', id: 'w', value: 99, by: null }).get('w')).toMatchObject({
      ...{ value: 10, by: null },
    });
  });

  it('take nothing that does not fit, and nothing for a widget that is closed or not there', () => {
    const widgets = after(opened);
    expect(applyToWidgets(widgets, { type: 'set', id: 'w', value: 'much', by: ann })).toBe(widgets);
    expect(applyToWidgets(widgets, { type: 'set', id: 'v', value: 1, by: ann })).toBe(widgets);
    const closed = applyToWidgets(widgets, { type: 'closed', id: 'w' });
    expect(applyToWidgets(closed, { type: 'set', id: 'w', value: 1, by: ann })).toBe(closed);
    expect(after({ ...opened, value: null }).get('w')?.value).toBe(0);
  });

  it('have a number', () => {
    let widgets: Widgets = new Map();
    for (let at = 0; at < WIDGETS_KEPT + 10; at++) widgets = applyToWidgets(widgets, { ...opened, id: `w${at}` });
    expect(widgets.size).toBe(WIDGETS_KEPT);
  });

  const id = fc.constantFrom('u', 'v', 'w');
  const cell = fc.constantFrom('a', 'b');
  const operation: fc.Arbitrary<WidgetOperation> = fc.oneof(
    fc.record({ type: fc.constant('opened' as const), id, cell, spec: fc.constant(slider), value: fc.integer() }),
    fc.record({ type: fc.constant('set' as const), id, value: fc.anything(), by: fc.constantFrom(null, ann) }),
    fc.record({ type: fc.constant('closed' as const), id }),
    fc.record({ type: fc.constant('cleared' as const), cells: fc.subarray(['a', 'b']) }),
    fc.record({ type: fc.constant('kernel-gone' as const) }),
  );

  it('are known to whoever heard of the changes alone', () => {
    fc.assert(
      fc.property(fc.array(operation), (operations) => {
        let widgets: Widgets = new Map();
        const mirror = new Map();
        for (const next of operations) {
          const before = widgets;
          widgets = applyToWidgets(before, next);
          const { changed, gone } = widgetChange(before, widgets);
          for (const widget of gone) mirror.delete(widget);
          for (const widget of changed) mirror.set(widget.id, widget);
          if (widgets === before) expect([changed, gone]).toEqual([[], []]);
          for (const { value } of widgets.values()) expect(Number(value)).toBeGreaterThanOrEqual(0);
          if (next.type === 'kernel-gone') expect([...widgets.values()].some(({ live }) => live)).toBe(false);
        }
        expect(mirror).toEqual(new Map(widgets));
      }),
    );
  });
});
