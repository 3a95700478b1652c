import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatCode } from './format-code.ts';

const textOf = async (source: string): Promise<string> => {
  const formatted = await formatCode(source);
  if (formatted.kind !== 'formatted') throw new Error(formatted.problem);
  return formatted.text;
};

describe('formatting a cell', () => {
  it('sets TypeScript as a module, with await and JSX', async () => {
    expect(await textOf('const  a:number=await   load( "x" )\n\n\n')).toBe("const a: number = await load('x');");
    expect(await textOf('const v=<b>{ a }</b>')).toBe('const v = <b>{a}</b>;');
  });

  it('keeps a value in braces a value', async () => {
    expect(await textOf('{a:1,b:[1,2]}')).toBe('{ a: 1, b: [1, 2] }');
    expect(await textOf('{ let a=1; a }')).toBe('{\n  let a = 1;\n  a;\n}');
  });

  it('says where a text cannot be read', async () => {
    expect(await formatCode('const a = 1;\nconst b = ;')).toMatchObject({ kind: 'unreadable', line: 2 });
  });

  it('leaves what is formatted as it is', async () => {
    const pieces = fc.constantFrom('const  a = 1', 'f( x,y )', 'if(a){b}', '// c', '{a:1}', 'for(const q of [1])q', '');
    await fc.assert(
      fc.asyncProperty(fc.array(pieces, { maxLength: 5 }), async (parts) => {
        const once = await textOf(parts.join('\n'));
        expect(await textOf(once)).toBe(once);
      }),
      { numRuns: 50 },
    );
  });
});
