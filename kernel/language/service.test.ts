import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { labels, useLanguage } from './testing.ts';

const language = useLanguage();
const { notebook } = language;

describe('completions', () => {
  it('offer the members of TensorFlow.js, imported in another cell', async () => {
    const n = notebook("import * as tf from '@tensorflow/tfjs'", '');
    const all = await n.ask('complete', 'b', 'tf.|');
    expect(labels(all)).toEqual(expect.arrayContaining(['tensor', 'sequential', 'layers', 'train']));
    expect(all.from).toBe(3);
    const some = await n.ask('complete', 'b', 'const x = tf.layers.den|se');
    expect(some.from).toBe(20);
    expect(some.items[0]).toMatchObject({ label: 'dense', documentation: expect.stringContaining('fully connected') });
    expect(some.items[0]?.detail).toMatch(/^function dense\(.*Dense$/);
    expect(labels(await n.ask('complete', 'b', 'tf.tens|'))[0]).toBe('tensor');
    expect(labels(await n.ask('complete', 'b', 'const x = tf.tensor([1]);\nawait x.dat|'))).toContain('data');
  });

  it('offer names of other cells, of types too, and none of our own files', async () => {
    const n = notebook('const alpha = 1; type Alphabet = "a"', 'let alpine = 2', '');
    expect(labels(await n.ask('complete', 'c', 'alp|'))).toEqual(expect.arrayContaining(['alpha', 'alpine']));
    expect(labels(await n.ask('complete', 'c', 'let x: Alp|'))).toContain('Alphabet');
    const all = labels(await n.ask('complete', 'c', '|'));
    expect(all.filter((label) => label.includes('__trialroom'))).toEqual([]);
    expect(all).toEqual(expect.arrayContaining(['alpha', 'console', 'display', 'input']));
    expect(labels(await n.ask('complete', 'c', "import x from './|'")).filter((label) => label.includes('__'))).toEqual(
      [],
    );
  });

  it('work in the middle of a cell that does not parse', async () => {
    const n = notebook('const point = { left: 1 };', '');
    expect(labels(await n.ask('complete', 'b', 'function f() {\n  point.|\n\nconst after = 1'))).toEqual(['left']);
    expect(labels(await n.ask('complete', 'b', 'const mine = { own: 1 };\nmine.|\nfor (const'))).toEqual(['own']);
    expect((await n.ask('complete', 'b', '(point: { a: 1 }) => point.|')).inner).toBe(true);
  });

  it('know where astral characters are, and every kind of line end', async () => {
    const n = notebook('const point = { left: 1 };', '');
    expect(await n.ask('complete', 'b', '"🙂🙂";\r\n/* é\u2028 */ "\r"\rpoint.le|')).toMatchObject({
      from: 28,
      items: [{ label: 'left' }],
    });
  });
});

describe('questions about a name', () => {
  it('hover tells type and documentation', async () => {
    const n = notebook('/** How many. */\nconst size = 1', 'size + 1');
    expect((await n.ask('hover', 'b', 'si|ze + 1')).hover).toEqual({
      from: 0,
      to: 4,
      text: '```typescript\nconst size: 1\n```\nHow many.',
    });
    expect((await n.ask('hover', 'b', 'size |+ 1')).hover).toBeNull();
    expect((await n.ask('hover', 'b', 'no|SuchName')).hover).toBeNull();
    expect((await n.ask('hover', 'b', 'let loo|se: any')).hover?.text).toContain('loose: any');
    expect((await n.ask('hover', 'b', '(size: string) => { si|ze }')).hover).toMatchObject({ inner: true });
  });

  it('signature tells the parameter at the place', async () => {
    const n = notebook('/** Adds. */\nfunction add(a: number, more?: { b: string }): void {}', '');
    const { signature } = await n.ask('signature', 'b', 'add(1, |');
    expect(signature).toMatchObject({
      label: 'add(a: number, more?: { b: string; }): void',
      active: 1,
      overload: 0,
      overloads: 1,
      documentation: 'Adds.',
    });
    expect(signature?.parameters.map(({ from, to }) => signature.label.slice(from, to))).toEqual([
      'a: number',
      'more?: { b: string; }',
    ]);
    expect((await n.ask('signature', 'b', 'add(1)|')).signature).toBeNull();
  });

  it('definition leads to the cell, or to the file', async () => {
    const n = notebook(
      'let size = 1',
      'const { a } = { a: size }',
      "a; size; import * as tf from '@tensorflow/tfjs'; tf.tensor",
    );
    expect((await n.ask('definition', 'c', 'a; si|ze')).definition).toEqual({ cell: 'a', from: 4, to: 8 });
    expect((await n.ask('definition', 'c', '|a; size')).definition).toEqual({ cell: 'b', from: 8, to: 9 });
    const { definition } = await n.ask('definition', 'c', "import * as tf from '@tensorflow/tfjs'; tf.ten|sor");
    if (!definition || !('file' in definition)) throw new Error('no file');
    expect(definition.text.split('\n')[definition.line - 1]).toContain('tensor');
    expect((await n.ask('definition', 'c', '|nothing')).definition).toBeNull();
  });

  it('rename reaches all cells that mean the same, and no others', async () => {
    const n = notebook(
      'let x = 1',
      'x + 1; ({ x })',
      'function f(x: string) { return x }; `\u0024{x}`',
      'const x = 2',
      'x',
    );
    const edits = async (cell: string, marked: string, to?: string) => {
      const { edits, problem } = await n.ask('rename', cell, marked, to);
      return problem ?? edits.map((edit) => `${edit.cell}${edit.from}-${edit.to} ${edit.insert}`).sort();
    };
    const expected = ['a4-5 renamed', 'b0-1 renamed', 'b10-11 x: renamed', 'c39-40 renamed'];
    expect(await edits('b', '|x + 1; ({ x })')).toEqual(expected);
    expect(await edits('a', 'let |x = 1')).toEqual(expected);
    expect(await edits('e', 'x|')).toEqual(['d6-7 renamed', 'e0-1 renamed']);
    expect(await edits('c', 'function f(|x: string) { return x }; `\u0024{x}`')).toEqual([
      'c11-12 renamed',
      'c31-32 renamed',
    ]);
    n.tell(['export const y = 1', 'y; (y: number) => y', 'const other = 1']);
    expect(await edits('b', '|y; (y: number) => y')).toEqual(['a13-14 renamed', 'b0-1 renamed']);
    expect(await edits('a', 'export const |y = 1')).toEqual(['a13-14 renamed', 'b0-1 renamed']);
    expect(await edits('b', 'y; (y: number) => |y')).toEqual(['b18-19 renamed', 'b4-5 renamed']);
    expect(await edits('b', '|y; (y: number) => y', 'other')).toMatch(/already/);
    expect(await edits('b', '|y', 'not a name')).toMatch(/cannot be a name/);
    expect(await edits('b', 'y |;')).toMatch(/./);
    expect(await edits('b', 'con|sole')).toMatch(/outside|cannot/);
  });

  it('rename keeps the names of a class its own, and leaves what is no name', async () => {
    const n = notebook('class K { #p = 1; get() { return this.#p } }', 'const size = 1', 'size');
    for (const to of ['own', '#own']) {
      const { edits } = await n.ask('rename', 'a', 'class K { |#p = 1; get() { return this.#p } }', to);
      expect(edits).toEqual([
        { cell: 'a', from: 10, to: 12, insert: '#own' },
        { cell: 'a', from: 38, to: 40, insert: '#own' },
      ]);
    }
    expect((await n.ask('rename', 'b', 'const si|ze = 1', '#own')).problem).toContain('cannot be a name');
    expect(await n.ask('rename', 'b', 'co|nst size = 1')).toMatchObject({
      edits: [],
      problem: 'There is no name here.',
    });
  });

  it('rename says which texts its places are in', async () => {
    const n = notebook('let x = 1', 'const y = 2', 'x + y');
    const { cells } = await n.ask('rename', 'c', '|x + y + 1');
    expect(cells).toEqual([
      { cell: 'c', source: 'x + y + 1' },
      { cell: 'a', source: 'let x = 1' },
    ]);
  });

  it('rename of what comes from a file renames it in the notebook, and no file', async () => {
    await writeFile(join(language.folder, 'parts.ts'), 'export const made = 1; export interface Part { rate: number }');
    const importing = "import { made, type Part } from './parts.ts'; const part: Part = { rate: made }";
    const n = notebook(importing, 'made; part.rate');
    const expected = ['a 9 made as done', 'a 73 done', 'b 0 done'];
    for (const [cell, marked] of [
      ['a', importing.replace('made', 'ma|de')],
      ['b', 'ma|de; part.rate'],
    ] as const) {
      const { edits } = await n.ask('rename', cell, marked, 'done');
      expect(edits.map((edit) => `${edit.cell} ${edit.from} ${edit.insert}`).sort()).toEqual([...expected].sort());
    }
    const { problem } = await n.ask('rename', 'b', 'made; part.ra|te');
    expect(problem).toBe('"rate" is defined outside the notebook, in parts.ts.');
  });
});

describe('what is on disk', () => {
  it('local modules are read from the folder of the notebook, and anew when they change', async () => {
    await writeFile(join(language.folder, 'local.ts'), 'export const made = 1');
    await writeFile(join(language.folder, 'values.json'), '{"size": 1}');
    const n = notebook(
      "import { made } from './local.ts'; import values from './values.json'",
      'made.toFixed(); values.size.toFixed()',
    );
    expect(await n.remarks()).toEqual([]);
    await writeFile(join(language.folder, 'local.ts'), 'export const made = "a longer text"');
    expect(await n.remarks()).toEqual(['b 2551 toFixed']);
    n.tell(["import { soon } from './soon.ts'", 'soon.trim()']);
    expect(await n.remarks()).toEqual(["a 2307 './soon.ts'"]);
    await writeFile(join(language.folder, 'soon.ts'), 'export const soon = 1');
    expect(await n.remarks()).toEqual(['b 2339 trim']);
  });

  it('packages are found in the folder first, and once they are installed', async () => {
    const n = notebook("import { thing } from 'some-package'", 'thing.trim()');
    expect(await n.remarks()).toEqual(["a 2307 'some-package'"]);
    const home = join(language.folder, 'node_modules/some-package');
    await mkdir(home, { recursive: true });
    await writeFile(join(home, 'package.json'), '{"name": "some-package", "version": "1.0.0", "types": "index.d.ts"}');
    await writeFile(join(home, 'index.d.ts'), 'export declare const thing: number;');
    expect(await n.remarks()).toEqual(['b 2339 trim']);
  });

  it("the kernel's own package has its types", async () => {
    const n = notebook("import { table, trial } from 'trialroom'", '');
    expect(labels(await n.ask('complete', 'b', 'tab|'))).toContain('table');
    expect((await n.ask('hover', 'b', '|table([])')).hover?.text).toContain('function table(');
    // What the globals are said to be is what they are.
    n.tell([
      "import { display as real } from 'trialroom'",
      'const same: typeof display = real; const handle: trialroom.DisplayHandle = real(1)',
    ]);
    expect(await n.remarks()).toEqual([]);
  });
});

describe('a language server that dies', () => {
  it('is replaced by one that knows the same', async () => {
    const n = notebook('const point = { left: 1 };', '');
    expect(labels(await n.ask('complete', 'b', 'point.|'))).toEqual(['left']);
    const pid = language.service.pid();
    if (pid === undefined) throw new Error('there is none');
    process.kill(pid, 'SIGKILL');
    const answers = await Promise.all([n.ask('complete', 'b', 'point.|'), n.ask('complete', 'b', 'point.l|')]);
    expect(answers.map(labels)).toEqual([['left'], ['left']]);
    expect(language.service.pid()).not.toBe(pid);
  });

  it('closed notebooks are forgotten, others stay', async () => {
    const [one, other] = [notebook('const a = 1'), notebook('const a = "s"', '')];
    language.service.close(one.id);
    await expect(one.ask('hover', 'a', '|a')).rejects.toThrow('not open');
    expect((await other.ask('hover', 'b', '|a')).hover?.text).toContain('"s"');
  });
});
