import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { CellSyntaxError } from './compile.ts';
import { makeNotebook, type Notebook } from './generate.ts';
import { Repl } from './repl.ts';
import { locate, rememberCell } from './trace.ts';

/** Notebooks that are made up; `SIMULATION_RUNS=100000 npx vitest run kernel/cell` tries many more. */
const RUNS = Number(process.env.SIMULATION_RUNS ?? 2500);
/** Another one makes up others. */
const SEED = process.env.SIMULATION_SEED;
/** Longest for all of them, and for making a failing one smaller, in ms. */
const PATIENCE_MS = 60_000 + 120 * RUNS;

const repl = new Repl();
afterAll(() => repl.close());

const num = (value: unknown): number =>
  typeof value === 'number' ? value : typeof value === 'function' ? -1 : typeof value === 'object' ? -2 : -3;

const plainFunction = (body: string): ((log: unknown, num: unknown) => Promise<void>) =>
  Reflect.construct(Object.getPrototypeOf(async () => {}).constructor, ['log', 'num', body]);

type Said = unknown[][];

async function asCells({ cells }: Notebook): Promise<Said> {
  const said: Said = [];
  Object.assign(globalThis, { log: (...parts: unknown[]) => void said.push(parts), num });
  repl.forget();
  for (const cell of cells) {
    const ended = await repl.run(cell);
    said.push(ended.ok ? ['shown', ended.value] : ['thrown', ended.error]);
  }
  return said;
}

async function asOne({ plain }: Notebook): Promise<Said> {
  const said: Said = [];
  await plainFunction(plain)((...parts: unknown[]) => void said.push(parts), num);
  return said;
}

describe('cells one after another', () => {
  it(
    'do what the same code does as one function',
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.gen(), async (pick) => {
          const notebook = makeNotebook((arbitrary) => pick(arbitrary), 'n');
          const expected = await asOne(notebook);
          expect(await asCells(notebook), notebook.cells.join('\n---\n')).toEqual(expected);
        }),
        { numRuns: RUNS, ...(SEED === undefined ? {} : { seed: Number(SEED) }) },
      );
    },
    PATIENCE_MS,
  );
});

describe('places', () => {
  it('in a script lead to the same word in the cell', () => {
    fc.assert(
      fc.property(fc.gen(), (pick) => {
        repl.forget();
        for (const source of makeNotebook((arbitrary) => pick(arbitrary), 'p').cells) {
          const compiled = repl.compile(source);
          rememberCell(compiled);
          const lines = source.split('\n');
          compiled.script.split('\n').forEach((line, index) => {
            for (const match of line.matchAll(/\b(?:log|num)\(/g)) {
              const place = locate(compiled.url, index + 1, match.index + 1)?.frame;
              expect(place && lines[place.line - 1]?.slice(place.column - 1), `${source}\n${compiled.script}`).toMatch(
                new RegExp(`^${match[0].slice(0, 3)}`),
              );
            }
          });
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('any text', () => {
  const word = fc.constantFrom(
    ...'const let var function class enum namespace import export default from using await async yield return => ( ) { } [ ] < > </ /> <div> </div> = == , ; : ? . ... @ # a b URL x as satisfies type interface declare ` " \' / * /* */ // \n ! + ++ - 1 0n /x/v for of in if else try catch new this super static get set accessor \u2028 \u0000 \ud800 é 😀'.split(
      ' ',
    ),
  );

  it('compiles, or is refused with a place in it', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(word, { maxLength: 14 }).map((words) => words.join(' ')),
          fc.string(),
        ),
        (source) => {
          try {
            const compiled = repl.compile(source);
            rememberCell(compiled);
            const last = compiled.script.split('\n').length;
            for (let line = 1; line <= last; line++) within(source, locate(compiled.url, line, 1)?.frame);
          } catch (error) {
            if (!(error instanceof CellSyntaxError)) throw error;
            within(source, error.error.frames[0]);
          }
        },
      ),
      { numRuns: 4000 },
    );
  });
});

function within(source: string, place: { line: number; column: number } | undefined): void {
  if (!place) return;
  const line = source.split('\n')[place.line - 1];
  expect(line, JSON.stringify([source, place])).toBeDefined();
  expect(place.column).toBeGreaterThanOrEqual(1);
  expect(place.column - 1).toBeLessThanOrEqual(line?.length ?? 0);
}
