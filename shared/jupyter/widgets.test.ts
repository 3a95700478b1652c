import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { acceptValue, type WidgetSpec } from '../notebook/widgets.ts';
import { widgetChange, widgetModels, widgetState } from './widgets.ts';

const label = fc.string({ maxLength: 20 });
const options = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 10 }), { minLength: 1, maxLength: 8 });

/** A widget with a value that it may have. */
const widget: fc.Arbitrary<[WidgetSpec, unknown]> = fc.oneof(
  fc
    .tuple(
      label,
      fc.integer({ min: -100, max: 100 }),
      fc.integer({ min: 1, max: 100 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
    )
    .map(([name, min, span, share]): [WidgetSpec, unknown] => [
      { kind: 'slider', label: name, min, max: min + span, step: 1 },
      min + Math.round(span * share),
    ]),
  fc
    .tuple(label, options, fc.nat())
    .map(([name, all, at]): [WidgetSpec, unknown] => [
      { kind: 'select', label: name, options: all, multiple: false },
      all[at % all.length],
    ]),
  fc
    .tuple(label, options, fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }))
    .map(([name, all, chosen]): [WidgetSpec, unknown] => [
      { kind: 'select', label: name, options: all, multiple: true },
      all.filter((_, at) => chosen[at]),
    ]),
  fc
    .tuple(label, fc.boolean())
    .map(([name, value]): [WidgetSpec, unknown] => [{ kind: 'checkbox', label: name }, value]),
  fc
    .tuple(label, fc.string(), fc.boolean())
    .map(([name, value, multiline]): [WidgetSpec, unknown] => [
      { kind: 'text', label: name, placeholder: '', multiline },
      value,
    ]),
);

describe('widgets as models', () => {
  it('gives back the value that a page was told, and one that the spec allows', () => {
    fc.assert(
      fc.property(widget, ([spec, value]) => {
        const change = widgetChange(spec, null, { method: 'update', state: widgetState(spec, value) });
        expect(change?.value).toEqual(value);
        expect(acceptValue(spec, change?.value)).toEqual(value);
      }),
    );
  });

  it('opens layout and style before the widget that refers to them', () => {
    fc.assert(
      fc.property(widget, ([spec, value]) => {
        const [layout, style, model] = widgetModels('w', spec, value);
        expect(model).toMatchObject({
          id: 'w',
          state: { layout: `IPY_MODEL_${layout?.id}`, style: `IPY_MODEL_${style?.id}`, description: spec.label },
        });
      }),
    );
  });

  it('counts presses, and takes a file with its bytes', () => {
    const button: WidgetSpec = { kind: 'button', label: 'Go' };
    expect(widgetChange(button, 2, { method: 'custom', content: { event: 'click' } })).toEqual({ value: 3 });
    expect(widgetChange(button, 2, { method: 'update', state: { disabled: true } })).toBeUndefined();
    const file: WidgetSpec = { kind: 'file', label: 'Data', accept: '.csv' };
    const state = { value: [{ name: 'a.csv', type: 'text/csv', size: 3 }] };
    expect(widgetChange(file, null, { method: 'update', state }, [new Uint8Array([1, 2, 3])])).toEqual({
      value: { name: 'a.csv', mime: 'text/csv', bytes: 3 },
      bytes: new Uint8Array([1, 2, 3]),
    });
  });
});
