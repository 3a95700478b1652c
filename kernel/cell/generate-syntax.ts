/**
 * Statements for made-up notebooks (`generate.ts`) that use a name of the top level in each way that the grammar has: as
 * a key and beside one, shadowed in every kind of scope, behind generators, classes, templates and patterns. They change
 * nothing, throw nothing and mean the same in a cell and in a function.
 */

/** What a statement may be made of. */
export interface SyntaxParts {
  /** Any name of the top level that holds a value. */
  name: string;
  /** An expression for a number. */
  value(): string;
  one<T>(values: readonly T[]): T;
}

/** A statement that uses `name`, and says what it found. */
export function makeUse({ name, value, one }: SyntaxParts): string {
  const use = one([
    () => `log((${value()}, ${value()})), log(${value()});`,
    () => `log(...[${value()}, num(${name})], \`\${num(${name})}:\${${value()}}\`);`,
    () => `log(((strings, ...values) => strings.raw.join("|") + values)\`a\${num(${name})}\\n\${${value()}}\`);`,
    () => `log([...(function* (first = ${value()}) { yield first; yield* [num(${name}), 2] })()]);`,
    () => `for await (const each of (async function* () { yield ${value()}; yield num(${name}) })()) log(each);`,
    () => `log(({ get value() { return num(${name}) }, set value(${name}) {} }).value);`,
    () =>
      `log(new (class { #p = ${value()}; static #q = num(${name}); static r; static { this.r = this.#q } get all() { return [this.#p, this.constructor.r, #p in this] } })().all);`,
    () => `log((class ${name} { static s = typeof ${name}; static ["m" + 1] = 1 }).s);`,
    () => `log(typeof ({ ${name} })?.${name}, ({ a: { ${name}: 3 } }).a?.["${name}"], ({ ${name}: 4 }).${name});`,
    () => `log((({ ${name} = 8 }, [q, ...rest] = [2, 3]) => q + rest.length + num(${name}))({}));`,
    () => `log((({ ${name}: other = num(${name}), ...rest }) => [other, Object.keys(rest)])({ x: 1 }));`,
    () => `try { throw ${value()} } catch (${name}) { log(${name}) }`,
    () => `try { throw { ${name}: 5 } } catch ({ ${name}: other, x = num(${name}) }) { log(other, x) }`,
    () => `{ log(inner()); function inner() { return num(${name}) } }`,
    () => `{ log(${name}()); function ${name}() { return 5 } }`,
    () => `for (let ${name} = 0; ${name} < 2; ${name}++) log(${name});`,
    () => `for (const ${name} of [9, 8]) log((() => ${name})());`,
    () => `for (const key in { ${name}, x: ${value()} }) log(key);`,
    () => `log(typeof ${name}, void ${name}, !${name}, typeof (() => ({ ${name} }))().${name});`,
    () => `log((function () { return [arguments.length, arguments[0], new.target === undefined] })(${value()}));`,
    () => `log(await (async ({ ${name} }) => num(${name}))({ ${name}: ${value()} }));`,
    () => `log((function ${name}() { return typeof ${name} })(), ((${name}) => typeof ${name})(1));`,
    () => `switch (${value()}) { case 3: log("same"); default: let ${name} = 6; log(${name}) }`,
    () => `${name}: for (;;) { do { if (num(${value()}) > 3) break ${name}; log("round") } while (0); break }`,
    () => `if (num(${name}) > ${value()}) log("more"); else { const ${name} = 7; log(${name}) }`,
    () => `{ using held = { [Symbol.dispose]() { log(num(${name})) } }; log("held") }`,
    () =>
      `log([${name}, , ...[${value()}]].map(num), /[\\p{L}--[a-z]]/v.test("Q"), 2n ** 3n === 8n, num(${name}) ?? 1);`,
    () => `log((function (q = num(${name})) { var ${name} = 1; return q + ${name} })())`,
    () => `log((() => { label: { if (num(${name})) break label; return "not" } return "left" })());`,
    () => `(() => { var ${name} = ${value()}; { var ${name}; } log(${name}) })()`,
    () => `log(new (class extends (class { m() { return num(${name}) } }) { m() { return super.m() + 1 } })().m())`,
  ]);
  return `${use()};`;
}

/** What a cell may end with, which has the value of an expression. */
export const ENDINGS: readonly ((value: string) => string)[] = [
  (value) => value,
  (value) => `0, ${value}`,
  (value) => `(1, ${value});; // done`,
  (value) => `await ${value};`,
  (value) => `Promise.resolve(${value})`,
  (value) => `${value}\n/* done */`,
];
