/**
 * Makes loops of the top level as fast as those of a function. V8 keeps a variable of the top level in memory that
 * others may look into, and each round would wait for what the last one has written there. So a loop works on a copy of
 * its own of what it changes, and writes each change through: whoever reads the variable, a closure or somebody who
 * interrupts, finds it as it is. Only a change from elsewhere would be missed, so a name is left alone once any
 * function of any cell assigns to it.
 *
 * Such a loop also gets a function of its own where it can have one. A cell is an asynchronous function to V8, which
 * catches whatever its statements throw; in the reach of that, a short loop took a quarter longer (docs/performance.md).
 */
import type MagicString from 'magic-string';
import type { Node } from 'oxc-parser';
import type { Past, Rename } from './bindings.ts';
import { LOOP_FUNCTION } from './contract.ts';
import { walk } from './names.ts';
import type { Names, Reference } from './scope.ts';

type Loop = Node & { start: number; end: number };

const LOOPS = new Set<Node['type']>([
  'ForStatement',
  'ForInStatement',
  'ForOfStatement',
  'WhileStatement',
  'DoWhileStatement',
]);
const OTHERS_CODE = new Set<Node['type']>([
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
  'ClassDeclaration',
  'ClassExpression',
]);
const NAMED_BY_TARGET = new Set<Node['type']>(['FunctionExpression', 'ArrowFunctionExpression', 'ClassExpression']);

/** Without one of these words there is no loop. */
const LOOP_WORD = /\b(?:for|while)\b/;

/** What only the cell itself can do, no function in it. */
const CELLS_OWN = /\bawait\b/;

/** By these words code may change a variable that it does not name. */
const HIDDEN_WRITES = /\beval\b|\bFunction\b|\brunInThisContext\b/;

/** Invisible: errors say the name as it was written. */
const MARK = '\u200d\u200d';

/**
 * Notes which variables functions of a cell assign to; to be called before {@link quicken}, which must know those of
 * the cell itself too.
 */
export function noteWriters(js: string, { references }: Names, past: Past): void {
  if (!past.hiddenWrites && HIDDEN_WRITES.test(js)) {
    past.hiddenWrites = true;
    past.changes++;
  }
  for (const { name, write, inner } of references) {
    if (!write || !inner || past.writers.has(name)) continue;
    past.writers.add(name);
    past.changes++;
  }
}

/** Rewrites the loops of a cell's top level. Call it after the names were bound, before any other change. */
export function quicken(
  program: Node & { type: 'Program' },
  { declared, references }: Names,
  code: MagicString,
  past: Past,
  rename: Rename,
  isOurs: (name: string) => boolean,
): void {
  if (past.hiddenWrites || !LOOP_WORD.test(code.original)) return;
  const declaredAt = new Map<string, number>();
  for (const { name, declares, start } of references) {
    if (declares) declaredAt.set(name, declares === 'let' ? start : -1);
  }
  const isThere = (name: string, at: number): boolean => {
    const declaration = declaredAt.get(name);
    return declaration === undefined ? past.settled.has(name) : declaration < at;
  };
  const direct = new Set<Node>(program.body);
  for (const loop of loops(program)) {
    const own = references.filter(({ start, inner }) => !inner && start > loop.start && start < loop.end);
    const changed = new Set(own.filter(({ write, declares }) => write || declares).map(({ name }) => name));
    const chosen = new Set<string>();
    for (const name of changed) {
      const kind = declared.get(name);
      if (past.writers.has(name) || isOurs(name) || !isThere(name, loop.start)) continue;
      if (kind === undefined ? !past.constants.has(name) : kind === 'let' || kind === 'var') chosen.add(name);
    }
    // A loop in a block may use the block's names, which a function of its own would make slow, or leave the block.
    const alone = direct.has(loop) && !CELLS_OWN.test(code.original.slice(loop.start, loop.end));
    if (chosen.size > 0) new LoopRewrite(loop, own, chosen, code, rename).apply(alone);
  }
}

/** The outermost loops of the top level, each with its labels. */
function loops(program: Node): Loop[] {
  const found: Loop[] = [];
  walk(program, (node) => {
    if (OTHERS_CODE.has(node.type)) return false;
    let body = node;
    while (body.type === 'LabeledStatement') body = body.body;
    if (!LOOPS.has(body.type)) return true;
    found.push(node);
    return false;
  });
  return found;
}

class LoopRewrite {
  readonly #loop: Loop;
  readonly #chosen: Set<string>;
  readonly #code: MagicString;
  readonly #rename: Rename;
  /** What names of the top level are used in the loop itself, by place. */
  readonly #uses: Map<number, Reference>;
  /** What is written in the place of a change. */
  readonly #changes: { start: number; end: number; name: string; text: string }[] = [];
  #keepsOld = false;

  constructor(loop: Loop, own: Reference[], chosen: Set<string>, code: MagicString, rename: Rename) {
    this.#loop = loop;
    this.#chosen = chosen;
    this.#code = code;
    this.#rename = rename;
    this.#uses = new Map(own.map((reference) => [reference.start, reference]));
  }

  /** `alone`: it may run in a function of its own. */
  apply(alone: boolean): void {
    this.#readChanges();
    // A change of another form than those that were understood.
    const understood = new Set(this.#changes.map(({ start }) => start));
    for (const { name, start, write, declares } of this.#uses.values()) {
      if ((write || declares) && !understood.has(start)) this.#chosen.delete(name);
    }
    if (this.#chosen.size === 0) return;
    const code = this.#code;
    for (const { name, start, end, shorthand } of this.#uses.values()) {
      if (this.#chosen.has(name)) code.update(start, end, shorthand ? `${name}:${this.#copy(name)}` : this.#copy(name));
    }
    for (const { start, end, name, text } of this.#changes) if (this.#chosen.has(name)) code.update(start, end, text);
    const copies = [...this.#chosen].map((name) => `${this.#copy(name)}=${this.#rename(name)}`);
    if (this.#keepsOld) copies.push(OLD);
    const [before, after] = alone ? [`const ${LOOP_FUNCTION}=()=>{`, `};${LOOP_FUNCTION}()`] : ['', ''];
    code.prependRight(this.#loop.start, `{${before}let ${copies.join(',')};`);
    code.appendLeft(this.#loop.end, `${after}}`);
  }

  #copy(name: string): string {
    return this.#rename(name) + MARK;
  }

  /** The name that an identifier of the loop stands for, if the loop is to have a copy of it. */
  #nameAt(node: Node): string | undefined {
    const name = node.type === 'Identifier' ? this.#uses.get(node.start)?.name : undefined;
    return name !== undefined && this.#chosen.has(name) ? name : undefined;
  }

  #readChanges(): void {
    walk(this.#loop, (node, parent) => {
      if (OTHERS_CODE.has(node.type)) return false;
      if (node.type === 'AssignmentExpression') this.#assignment(node.left, node.right);
      else if (node.type === 'VariableDeclarator' && node.init) this.#assignment(node.id, node.init);
      else if (node.type === 'UpdateExpression') this.#update(node, parent);
      return true;
    });
  }

  #assignment(target: Node, value: Node): void {
    const name = this.#nameAt(target);
    // A function is called what it is first assigned to.
    if (name === undefined || NAMED_BY_TARGET.has(value.type)) return;
    this.#changes.push({
      start: target.start,
      end: target.end,
      name,
      text: `${this.#rename(name)} = ${this.#copy(name)}`,
    });
  }

  #update(node: Node & { type: 'UpdateExpression' }, parent: Node | undefined): void {
    const { argument, operator, prefix, start, end } = node;
    const name = this.#nameAt(argument);
    if (name === undefined) return;
    const copy = this.#copy(name);
    const variable = this.#rename(name);
    const unused =
      parent?.type === 'ExpressionStatement' || (parent?.type === 'ForStatement' && parent.update === node);
    const text = unused
      ? `${variable} = ${operator}${copy}`
      : prefix
        ? `(${variable} = ${operator}${copy})`
        : `(${OLD} = ${copy}${operator}, ${variable} = ${copy}, ${OLD})`;
    // What begins with a bracket goes on with the line before, if that has no end.
    if (!unused && /(?:^|[\n\r;{}])\s*$/.test(this.#code.original.slice(0, start))) return;
    if (!unused && !prefix) this.#keepsOld = true;
    this.#changes.push({ start: argument.start, end: argument.end, name, text: '' });
    this.#changes.push({ start, end, name, text });
  }
}

/** Holds what `x++` comes to while `x` is written through. */
const OLD = `old${MARK}`;
