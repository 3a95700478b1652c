import { expect, it } from 'vitest';
import { formulaIn } from './formula.ts';

it.each([
  ['$$x^2$$', 'x^2'],
  ['$\\displaystyle x$', '\\displaystyle x'],
  ['\\[ a\n+ b \\]', 'a\n+ b'],
  ['\\frac{1}{2}', '\\frac{1}{2}'],
  ['\\text{5 \\$}', '\\text{5 \\$}'],
  ['with $x$ in it', null],
  ['$x$ and $y$', null],
])('%j is the formula %j', (source, formula) => expect(formulaIn(source)).toBe(formula));
