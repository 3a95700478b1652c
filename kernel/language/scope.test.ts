import { describe, expect, it } from 'vitest';
import { isInner } from './scope.ts';

const at = (marked: string): boolean => isInner(marked.replace('|', ''), marked.indexOf('|'), false);

describe('a name of an inner scope', () => {
  it.each([
    '(|a: string) => a',
    'function f(|a) {}',
    'class C { |m() {} }',
    'for (const |a of b) {}',
    '{ let |a }\nfoo',
    'try {} catch (|a) {}',
    'namespace N { export const |a = 1 }',
    'f((|a: string) => a.',
    'function f() {\n  const |a = 1;\n  a.',
  ])('%s', (marked) => {
    expect(at(marked)).toBe(true);
  });
  it.each([
    'const |a = 1',
    'function |a() {}',
    'class |a {}',
    'const { x: [|a] } = b',
    'import { |a } from "m"',
    'const x = () => 1, |a = 2',
    'const { |a } = b;\na.(',
    'foo(1); let |a = 1; a.',
  ])('not %s', (marked) => {
    expect(at(marked)).toBe(false);
  });
});
