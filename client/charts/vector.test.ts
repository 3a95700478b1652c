import { describe, expect, it } from 'vitest';
import { plotModel } from './model.ts';
import { svgOf, type VectorLook } from './vector.ts';

const look: VectorLook = {
  ...{ width: 600, height: 300, ground: '#fff', ink: '#000', faint: '#999', grid: '#eee', font: '"A" & B' },
  pen: (colour) => `#00000${colour % 10}`,
};
const curve = (key: string, values: number[]) => ({
  curve: {
    key,
    steps: values.map((_, i) => i),
    walls: values.map((_, i) => i),
    values,
    total: values.length,
    mergedTo: -Infinity,
  },
  name: key,
  colour: 1,
});
const drawn = (curves: ReturnType<typeof curve>[], log = false): string =>
  svgOf(
    'a <b> & "c"\u0007',
    plotModel(curves, { smoothing: 0, x: 'step', log, robust: false }, { startedAt: 0 }),
    look,
  );

describe('a figure as SVG', () => {
  it('is whole and well formed, whatever names hold', () => {
    const svg = drawn([curve('<script>&"', [3, 2, 1])]);
    expect(svg).toContain('a &lt;b&gt; &amp; &quot;c&quot;');
    expect(svg).not.toContain('<script>');
    // What is left without its tags is text, and text has no angle bracket and no bare ampersand.
    expect(svg.replace(/<\/?[a-zA-Z]+( [a-zA-Z-]+="[^"<>]*")*\/?>/g, '')).not.toMatch(/[<>]|&(?!amp;|lt;|gt;|quot;)/);
    expect(svg).not.toContain('\u0007');
  });

  it('has no place for what is not a number, and marks it', () => {
    const svg = drawn([curve('loss', [1, Number.NaN, 2, Number.POSITIVE_INFINITY])]);
    expect(svg).not.toMatch(/d="[^"]*(NaN|Infinity)/);
    expect(svg).toContain('>NaN</text>');
    expect(svg).toContain('>∞</text>');
    expect(drawn([curve('loss', [Number.NaN])])).not.toMatch(/d="[^"]*NaN/);
    expect(drawn([])).toContain('</svg>');
    expect(drawn([curve('loss', [0, -1, 4])], true)).not.toMatch(/d="[^"]*(NaN|Infinity)/);
  });
});
