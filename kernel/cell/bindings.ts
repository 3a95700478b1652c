/**
 * What a cell's names mean beside those of earlier cells. Everything of the top level is `let` to V8, so that it can be
 * declared again as anything; here `const` is kept all the same, by rewriting the assignments that it forbids and
 * nothing else. Names that the platform uses too are renamed, so that `const URL = "…"` is a cell's own, as in a module,
 * and not the `URL` of every package in the process.
 */
import type MagicString from 'magic-string';
import { MARK, RUNTIME } from './contract.ts';
import type { Kind, Names } from './scope.ts';

/** What earlier cells have declared. */
export interface Past {
  /** Names that must not be assigned to. */
  constants: Set<string>;
  /** Names of the platform's that are a cell's now. */
  taken: Set<string>;
  /** Names that hold a value: they can be assigned to instead of being declared again. */
  settled: Set<string>;
  /** Names that functions assign to, whenever they are called. */
  writers: Set<string>;
  /** True once there is code that may assign to anything without naming it. */
  hiddenWrites: boolean;
  /** How many cells there were. */
  cells: number;
  /** Goes up with each change of the sets: while it stays, a cell's names mean what they meant. */
  changes: number;
}

/** Where nothing has been declared yet. */
export const noPast = (): Past => ({
  constants: new Set(),
  taken: new Set(),
  settled: new Set(),
  writers: new Set(),
  hiddenWrites: false,
  cells: 0,
  changes: 0,
});

/** Kinds that must not be assigned to. */
const CONSTANT: ReadonlySet<Kind | undefined> = new Set<Kind>(['const', 'import', 'using']);

/** Names by which packages tell where they run, although Node has no such global. */
const OTHER_PLATFORMS =
  'window self document location define importScripts module exports Deno Bun XMLHttpRequest HTMLElement Image ' +
  'HTMLImageElement HTMLCanvasElement HTMLVideoElement ImageData OffscreenCanvas WorkerGlobalScope';

const PLATFORM: ReadonlySet<string> = new Set([
  ...Object.getOwnPropertyNames(globalThis),
  ...OTHER_PLATFORMS.split(' '),
]);

/** True for a name that the platform uses too: a cell's own is kept apart from it. */
export const isPlatformName = (name: string): boolean => PLATFORM.has(name);

/** The name that the script uses for a name of the top level. */
export type Rename = (name: string) => string;

/**
 * Rewrites the uses of names. Call it before any other change to the code. `isOurs` tells names that only the compiler
 * has written: they are hidden, and belong to this one cell.
 */
export function bind(
  { declared, references }: Names,
  code: MagicString,
  past: Past,
  isOurs: (name: string) => boolean,
): Rename {
  const serial = ++past.cells;
  const rename: Rename = (name) => {
    if (declared.has(name) && isOurs(name)) return `${RUNTIME}_${serial}${name}`;
    return PLATFORM.has(name) && (past.taken.has(name) || declared.has(name)) ? name + MARK : name;
  };
  for (const { name, start, end, write, shorthand, declares } of references) {
    // A class or function keeps its name; what it is assigned to is written elsewhere.
    if (declares === 'class' || declares === 'function' || declares === 'import') continue;
    const constant = write && isConstant(name, declared, past);
    const renamed = rename(name);
    if (!constant && renamed === name) continue;
    const target = constant ? `${RUNTIME}.constant(${renamed}).value` : renamed;
    code.update(start, end, shorthand ? `${name}:${target}` : target);
  }
  return rename;
}

/**
 * Names of the platform's that a cell uses and an earlier one has taken, without it being certain that they got a value
 * there: if not, they are the platform's still.
 */
export function undecided({ declared, references }: Names, past: Past): string[] {
  const found = new Set<string>();
  for (const { name } of references) {
    if (past.taken.has(name) && !past.settled.has(name) && !declared.has(name) && name in globalThis) found.add(name);
  }
  return [...found];
}

const isConstant = (name: string, declared: Names['declared'], past: Past): boolean =>
  declared.has(name) ? CONSTANT.has(declared.get(name)) : past.constants.has(name);

/** True where a cell assigns to what must not be assigned to. */
export const defiesConstant = ({ declared, references }: Names, past: Past): boolean =>
  references.some(({ name, write }) => write && isConstant(name, declared, past));

/** Takes in what a cell has declared. */
export function remember(declared: Names['declared'], past: Past): void {
  for (const [name, kind] of declared) {
    const constant = CONSTANT.has(kind);
    if (constant !== past.constants.has(name)) {
      past.changes++;
      if (constant) past.constants.add(name);
      else past.constants.delete(name);
    }
    if (!PLATFORM.has(name) || past.taken.has(name)) continue;
    past.changes++;
    past.taken.add(name);
  }
}

/** Says of names that they hold a value, or that it is not certain that they do. */
export function settle(names: Iterable<string>, settled: boolean, past: Past): void {
  for (const name of names) {
    if (past.settled.has(name) === settled) continue;
    past.changes++;
    if (settled) past.settled.add(name);
    else past.settled.delete(name);
  }
}

/** Names that a cell gives a value, and those that it needs from elsewhere. */
export interface Analysis {
  defines: string[];
  uses: string[];
}

/** In a longer source names are not searched for one by one, in characters. */
const LONG = 5000;
const WORDS = /[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*/gu;
const NOBODYS = new Set(['undefined', RUNTIME]);

/** Sums up the names of a cell. `source` leaves out what only the compiler has written. */
export function summarise({ declared, references }: Names, source: string): Analysis {
  const words = source.length > LONG ? new Set(source.match(WORDS)) : undefined;
  const written = (name: string): boolean => (words?.has(name) ?? source.includes(name)) && !NOBODYS.has(name);
  const defines = new Set([...declared.keys()].filter(written));
  const uses = new Set<string>();
  for (const { name, write, declares } of references) {
    if (declares || declared.has(name) || !written(name)) continue;
    uses.add(name);
    if (write) defines.add(name);
  }
  return { defines: [...defines], uses: [...uses] };
}
