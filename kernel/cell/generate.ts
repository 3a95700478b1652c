/**
 * Makes up notebooks for tests: cells that declare names as anything and again as anything else, read, write and close
 * over them, throw and catch, and wait; and beside them one plain function that does the same, in which every name is
 * declared once. Where the two differ, the rewriting of cells is wrong.
 */
import type { Arbitrary } from 'fast-check';
import fc from 'fast-check';
import { makeLoop } from './generate-loops.ts';
import { ENDINGS, makeUse } from './generate-syntax.ts';

/** The value generator of `fc.gen()`. */
export type Pick = <T>(arbitrary: () => Arbitrary<T>) => T;

/** A notebook that was made up. */
export interface Notebook {
  cells: string[];
  /** Body of an async function with the parameters `log` and `num`. */
  plain: string;
}

type Kind = 'const' | 'let' | 'var' | 'function' | 'class' | 'enum' | 'namespace' | 'import' | 'using';

const CONSTANT: ReadonlySet<Kind | undefined> = new Set<Kind>(['const', 'import', 'using']);

/** A statement as the cell has it, and as the plain function has it. */
interface Pair {
  cell: string;
  plain: string;
  /** True where it comes before all others, wherever it stands. */
  hoisted?: boolean;
}

const same = (text: string): Pair => ({ cell: text, plain: text });

/** Makes a notebook whose names begin with `prefix`, or are the platform's. */
export function makeNotebook(pick: Pick, prefix: string): Notebook {
  return new Maker(pick, [...['a', 'b', 'c', 'd'].map((name) => prefix + name), 'Map', 'performance']).notebook();
}

class Maker {
  readonly #pick: Pick;
  readonly #names: string[];
  readonly #kinds = new Map<string, Kind>();
  #temporary = 0;

  constructor(pick: Pick, names: string[]) {
    this.#pick = pick;
    this.#names = names;
  }

  notebook(): Notebook {
    const cells: string[] = [];
    const plain = [`"use strict"; let ${this.#names.join(', ')}, temporary;`];
    const count = this.#number(2, 4);
    for (let index = 0; index < count; index++) {
      const before = [...this.#kinds.keys()];
      const taken = new Set<string>();
      const statements = Array.from({ length: this.#number(1, 6) }, () => this.#statement(before, taken));
      if (this.#chance(8)) statements.push(this.#end());
      cells.push([...statements.map(({ cell }) => cell), this.#one(ENDINGS)(this.#state())].join('\n'));
      const ordered = [...statements.filter(({ hoisted }) => hoisted), ...statements.filter(({ hoisted }) => !hoisted)];
      const once = `try {\nlet shown;\n{\n${ordered.map((pair) => pair.plain).join('\n')}\nshown = ${this.#state()}\n}\nlog("shown", shown)\n} catch (error) { log("thrown", String(error)) }`;
      plain.push(once);
      if (!this.#chance(3)) continue;
      // Run again as it is.
      cells.push(cells.at(-1) ?? '');
      plain.push(once);
    }
    return { cells, plain: plain.join('\n') };
  }

  #number(min: number, max: number): number {
    return this.#pick(() => fc.integer({ min, max }));
  }

  #chance(of: number): boolean {
    return this.#number(1, of) === 1;
  }

  #one<T>(values: readonly T[]): T {
    return this.#pick(() => fc.constantFrom(...values));
  }

  /** All names that there are, with their values. */
  #state(): string {
    return `JSON.stringify([${[...this.#kinds.keys()].map((name) => `num(${name})`).join(', ')}])`;
  }

  #value(readable = [...this.#kinds.keys()], depth = 0): string {
    const name = readable.length > 0 ? this.#one(readable) : undefined;
    switch (this.#number(0, name === undefined ? 1 : depth > 1 ? 4 : 8)) {
      case 0:
      case 1:
        return String(this.#number(0, 9));
      case 2:
      case 3:
        return `num(${name})`;
      case 4:
        return `num(({ ${name} }).${name})`;
      case 5:
        return `(${this.#value(readable, depth + 1)} + ${this.#value(readable, depth + 1)})`;
      case 6:
        return `((${name}) => num(${name}) + 1)(${this.#value(readable, depth + 1)})`;
      case 7:
        return `(typeof ${name}).length`;
      default:
        return `(() => { try { const ${name} = ${this.#number(0, 9)}; return ${name}; } finally { log("f") } })()`;
    }
  }

  #statement(before: string[], taken: Set<string>): Pair {
    const known = [...this.#kinds.keys()];
    const free = this.#names.filter((name) => !taken.has(name));
    const choice = this.#number(0, 20);
    if (known.length === 0 || (choice < 5 && free.length > 0)) {
      const name = this.#one(free.length > 0 ? free : this.#names);
      if (taken.has(name)) return same('log("nothing");');
      taken.add(name);
      return this.#declaration(name, before, taken);
    }
    const name = this.#one(known);
    switch (choice) {
      case 5:
      case 6:
        // A name that is assigned to and then declared is no valid script.
        taken.add(name);
        return this.#caught(this.#assignment(name));
      case 7:
        return same(`try { log(num(${name}())) } catch (error) { log(error.name) }`);
      case 8:
        return same(`{ let ${name} = ${this.#value([])}; ${name}++; log(${name}) }`);
      case 9:
        return same(`for (let i = 0; i < ${this.#number(0, 3)}; i++) { if (i === 1) continue; log(${this.#value()}) }`);
      case 10:
        return same(`for await (const each of [${this.#value()}, Promise.resolve(${this.#value()})]) log(each);`);
      case 11:
        return same(`await null; log(await (async () => ${this.#value()})());`);
      case 12:
        return same(
          `outer: for (const each of [1, 2]) { switch (each) { case 1: { let ${name} = 5; log(${name}); break } default: break outer } }`,
        );
      case 13:
        return same(`log(${this.#value()});`);
      case 18:
      case 19:
      case 20:
        return same(makeUse({ name, value: () => this.#value(), one: (values) => this.#one(values) }));
      default: {
        taken.add(name);
        if (CONSTANT.has(this.#kinds.get(name))) return this.#caught(this.#assignment(name));
        const one = <T>(values: readonly T[]): T => this.#one(values);
        const loop = makeLoop({ name, other: this.#one(known), value: () => this.#value(), one });
        return same(`${name} = ${this.#number(0, 9)}; ${loop}`);
      }
    }
  }

  #declaration(name: string, before: string[], taken: Set<string>): Pair {
    const kind = this.#one<Kind>([
      ...(['const', 'let', 'var', 'function', 'class', 'enum', 'namespace', 'import', 'using'] as const),
      ...(['const', 'let', 'var'] as const),
    ]);
    const value = this.#value();
    const was = this.#kinds.get(name);
    this.#kinds.set(name, kind);
    const word = this.#chance(6) && kind !== 'using' && kind !== 'import' ? 'export ' : '';
    switch (kind) {
      case 'function': {
        // It can be called above the place where it is written: it leans on earlier cells alone.
        const readable = before.filter((each) => !taken.has(each));
        const form = this.#one(['function', 'function', 'function', 'function*', 'async function', 'async function*']);
        // One that waits would throw where nobody listens, once its target is a constant.
        const target = form === 'function' ? readable.find((each) => this.#kinds.get(each) === 'let') : undefined;
        if (target) taken.add(target);
        const write = target ? `${target} = num(${target}) + p;` : '';
        const body = `(p = 1, { q = ${this.#value(readable, 1)} } = {}) { ${write} const ${name} = q; return p + ${name} }`;
        return { cell: `${word}${form} ${name}${body}`, plain: `${name} = ${form} ${name}${body};`, hoisted: true };
      }
      case 'class': {
        const body = `class ${name} { static s = ${this.#value([])}; m() { return ${name}.s } }`;
        return { cell: word + body, plain: `${name} = ${body};` };
      }
      case 'enum': {
        const first = this.#number(0, 9);
        return {
          cell: `${word}enum ${name} { X = ${first}, Y }`,
          plain: `${name} = { X: ${first}, ${first}: "X", Y: ${first + 1}, ${first + 1}: "Y" };`,
        };
      }
      case 'namespace':
        return {
          cell: `${word}namespace ${name} { export const x = ${value}; export function f() { return x } }`,
          plain: `{ const x = ${value}; ${name} = { x, f() { return x } } }`,
        };
      case 'import':
        return {
          cell: `import { ${this.#one(['sep', '"sep"'])} as ${name} } from "node:path";`,
          plain: `${name} = "/";`,
          hoisted: true,
        };
      case 'using': {
        const object = `{ [Symbol.dispose]() { log("disposed") } }`;
        return { cell: `using ${name} = ${object};`, plain: `using held${++this.#temporary} = ${name} = ${object};` };
      }
      default:
        break;
    }
    switch (this.#number(0, 6)) {
      case 4:
        return {
          cell: `${word}${kind} { y: [{ x: ${name} = ${value} }], ...rest${++this.#temporary} } = { y: [{}], z: 1 };`,
          plain: `({ y: [{ x: ${name} = ${value} }] } = { y: [{}] });`,
        };
      case 5:
        if (kind !== 'var') break;
        return {
          cell: `for (var ${name} = 0, more${++this.#temporary} = 2; ${name} < more${this.#temporary}; ${name}++) log(${name});`,
          plain: `for (${name} = 0; ${name} < 2; ${name}++) log(${name});`,
        };
      case 0:
        return {
          cell: `${word}${kind} { x: ${name} } = { x: ${value} };`,
          plain: `({ x: ${name} } = { x: ${value} });`,
        };
      case 1:
        return { cell: `${word}${kind} [${name} = ${value}] = [];`, plain: `[${name} = ${value}] = [];` };
      case 2: {
        const closure = `(() => ${this.#value(undefined, 1)})`;
        return { cell: `${word}${kind} ${name} = ${closure};`, plain: `${name} = ${closure};` };
      }
      case 3:
        if (kind === 'let') return { cell: `let ${name};`, plain: `${name} = undefined;` };
        if (kind === 'var' && was !== undefined) return { cell: `var ${name};`, plain: '' };
        if (kind === 'var')
          return { cell: `if (true) { var ${name}: number = ${value} }`, plain: `${name} = ${value};` };
        break;
    }
    return { cell: `${word}${kind} ${name}: unknown = ${value};`, plain: `${name} = ${value};` };
  }

  #assignment(name: string): Pair {
    const value = this.#value();
    const text = this.#one([
      `${name} = ${value};`,
      `${name} += ${value};`,
      `${name}++;`,
      `[${name}] = [${value}];`,
      `({ ${name} } = { ${name}: ${value} });`,
      `({ ${name} = ${value} } = {});`,
      `for (${name} of [${value}, ${value}]) log("round");`,
      `${name} ??= ${value};`,
      `(() => { ${name} = ${value}; })();`,
    ]);
    const kind = this.#kinds.get(name);
    if (!CONSTANT.has(kind)) return same(text.includes('+=') || text.includes('++') ? `${name} = 3; ${text}` : text);
    // A true constant of the same value.
    return { cell: text, plain: `temporary = ${name}; { const ${name} = temporary; ${text} }` };
  }

  #caught({ cell, plain }: Pair): Pair {
    const wrap = (text: string): string => `try { ${text} } catch (error) { log(error.name, error.message) }`;
    return { cell: wrap(cell), plain: wrap(plain) };
  }

  #end(): Pair {
    const constant = [...this.#kinds].find(([, kind]) => kind === 'const')?.[0];
    return constant === undefined ? same('throw new RangeError("end");') : this.#assignment(constant);
  }
}
