/** Loops over variables of the top level for made-up notebooks (`generate.ts`): of every form, with every kind of change. */

/** What a loop may be made of. */
export interface LoopParts {
  /** A variable that may be assigned to and holds a number. */
  name: string;
  /** Any other name that there is. */
  other: string;
  /** An expression for a number. */
  value(): string;
  one<T>(values: readonly T[]): T;
}

/** A loop that changes `name`, and says so. */
export function makeLoop({ name, other, value, one }: LoopParts): string {
  const change = (): string =>
    one([
      `${name} += ${value()};`,
      `${name}++;`,
      `++${name};`,
      `log(${name}++);`,
      `log(--${name}, ${name});`,
      `log([${name}--, ${name}], -${name}++);`,
      `${name} = (${name} * 3 + ${value()}) % 17;`,
      `${name} ||= ${value()};`,
      `${name} &&= ${value()};`,
      `${name} ??= 1;`,
      `log({ ${name} }.${name}, typeof ${name});`,
      `{ let ${name} = 7; ${name}++; log(${name}) }`,
      `if (${name} % 2) ${name} -= 1; else ${name} += 2;`,
      `[${name}] = [${value()}];`,
      `({ ${name} = 1 } = { ${name}: ${value()} });`,
      `switch (${name} % 3) { case 0: ${name} += 4; break; default: ${name}-- }`,
    ]);
  const loop = one([
    () => `for (let i = 0; i < 4; i++) { ${change()} ${change()} log(${name}) }`,
    () => `${name} = 0; while (${name} < 5) { log(${name}++); if (${name} === 3) continue; log(++${name}) }`,
    () => `for (${name} = 0; ${name} < 3; ${name}++) log(${name}, ${value()})`,
    () => `for (let i = (${name} = 1, 0); i < 3; i++, ${name} *= 2) { ${change()} log(${name}) }`,
    () => `{ let rounds = 0; do { ${change()} log(${name}) } while (${name}-- > 1 && ++rounds < 3) }`,
    () =>
      `out: for (const each of [1, 2, 3]) { for (;;) { ${name} = ${name} * 2 + each; if (each === 2) continue out; break } ${change()} log(${name}) }`,
    () =>
      `deep: inside: for (let i = 0; i < 3; i++) { try { ${change()} if (i === 1) break deep } finally { log(${name}) } }`,
    () =>
      `{ const reads = []; for (let i = 0; i < 3; i++) { ${change()} reads.push(() => ${name} + i) } log(reads.map((read) => read())) }`,
    () =>
      `{ const add = () => { ${name} += 10 }; for (let i = 0; i < 3; i++) { ${change()} add(); log(${name}, (() => ${name})()) } }`,
    () => `for (let i = 0; i < 3; i++) { ${name} += await Promise.resolve(i); ${change()} log(${name}) }`,
    () => `for await (const each of [1, Promise.resolve(2)]) { ${name} += each; ${change()} log(${name}) }`,
    () =>
      `try { for (let i = 0; i < 4; i++) { ${name} = i; ${change()} if (i === 2) throw new RangeError("loop") } } catch (error) { log(error.message, ${name}) }`,
    () =>
      `for (const each of (function* () { yield 1; ${name}++; yield ${name} })()) { ${name} += each; log(${name}) }`,
    () => `for (let i = 0; i < 2; i++) { class Here { static s = ${name}++; x = ${name} } log(Here.s, new Here().x) }`,
    () => `for (const each in { a: 1, b: 2 }) ${name} += each.length`,
    () => `for (${name} of [4, 5]) { log(${name}) }`,
    () => `if (${name} > 3) for (let i = 0; i < 2; i++) ${change()}\nelse while (${name}-- > 8) log(${name})`,
    () =>
      `for (let i = 0; i < 3; i++) { ${change()} try { log(num(${other}())) } catch (error) { log(error.name) } log(${name}) }`,
    () =>
      `for (let i = 0; i < 2; i++) { const f = async () => { ${name} += 1; return ${name} }; log(await f(), ${name}) }`,
    () => `leave: { for (let i = 0; i < 3; i++) { ${change()} if (i === 1) break leave } log("not here") }`,
    () => `{ let inside = 1; for (let i = 0; i < 3; i++) { inside += i; ${change()} } log(inside, ${name}) }`,
    () => `for (let i = 0; i < 3; i++) { using held = { [Symbol.dispose]() { log("out", ${name}) } }; ${change()} }`,
    () =>
      `for (let i = 0; i < 2; i++) { ${change()} class Here extends (await Promise.resolve(Array)) {} log(new Here().length) }`,
    () =>
      `for (let i = 0, step = (n) => n + 1; i < 3; i++) { ${name} = step(${name}); if (i === 1) step = (n) => n * 2; log(${name}) }`,
    () => `for (let i = 0; i < 2; i++) { ${name} += (function () { return arguments.length })(3, i); log(${name}) }`,
    () => `for (let i = 0; i < 3; i++) { ${name} += i\nlog(${name}) }\n[${name}].forEach((each) => log(each))`,
    () =>
      `for (let i = 0; i < 2; i++) { ${name} = () => i; log(${name}.name.replace("\\u200d", ""), ${name}()); ${name} = i }`,
  ]);
  return `${loop()};`;
}
