/**
 * Who binds which name in one piece of JavaScript: what its top level declares, and every place where it reads or writes
 * a name that is bound there or nowhere in it. It knows the scopes of the language; what to do about them is for others.
 */
import type { Node } from 'oxc-parser';
import { children } from './names.ts';

/** How a name of the top level came to be. */
export type Kind = 'const' | 'let' | 'var' | 'function' | 'class' | 'import' | 'using';

/** A place where a name of the top level, or of nobody, is used. */
export interface Reference {
  name: string;
  start: number;
  end: number;
  /** True where the place gives the name a new value. */
  write: boolean;
  /** True where the name stands for a key too, as in `{ name }`. */
  shorthand: boolean;
  /** As what the name is declared here, if it is. */
  declares: Kind | undefined;
  /** True inside of functions and classes, which may run at any time. */
  inner: boolean;
}

/** What {@link resolveScopes} finds. */
export interface Names {
  /** Names of the top level, in the order of the source. */
  declared: Map<string, Kind>;
  references: Reference[];
}

interface Scope {
  parent: Scope | undefined;
  names: Set<string>;
  /** True for what `var` and function parameters belong to. */
  whole: boolean;
  /** See {@link Reference.inner}. */
  inner: boolean;
}

type Callable = Extract<Node, { params: unknown; body: unknown }>;

type Open = Reference & { scope: Scope };

/** Finds what a program declares and uses. */
export function resolveScopes(program: Node): Names {
  const walker = new Walker();
  walker.visit(program, walker.top);
  return walker.resolve();
}

class Walker {
  readonly top: Scope = { parent: undefined, names: new Set(), whole: true, inner: false };
  readonly #declared = new Map<string, Kind>();
  readonly #open: Open[] = [];

  resolve(): Names {
    const references: Reference[] = [];
    for (const { scope, ...reference } of this.#open) {
      let at: Scope | undefined = scope;
      while (at && at !== this.top && !at.names.has(reference.name)) at = at.parent;
      if (at === undefined || at === this.top) references.push(reference);
    }
    return { declared: this.#declared, references };
  }

  visit(node: Node, scope: Scope): void {
    switch (node.type) {
      case 'Identifier':
        this.#use(node, scope, false, false);
        return;
      case 'Program':
        for (const child of node.body) this.visit(child, scope);
        return;
      case 'BlockStatement':
      case 'ForStatement':
        this.#all(node, inside(scope, false));
        return;
      case 'SwitchStatement': {
        this.visit(node.discriminant, scope);
        const inner = inside(scope, false);
        for (const each of node.cases) this.visit(each, inner);
        return;
      }
      case 'ForInStatement':
      case 'ForOfStatement': {
        const inner = inside(scope, false);
        if (node.left.type === 'VariableDeclaration') this.visit(node.left, inner);
        else this.#target(node.left, inner);
        this.visit(node.right, inner);
        this.visit(node.body, inner);
        return;
      }
      case 'StaticBlock':
        this.#all(node, inside(scope, true));
        return;
      case 'CatchClause': {
        const inner = inside(scope, false);
        if (node.param) this.#pattern(node.param, inner, inner, undefined);
        this.visit(node.body, inner);
        return;
      }
      case 'FunctionDeclaration':
        if (node.id) this.#pattern(node.id, scope, scope, 'function');
        this.#callable(node, scope);
        return;
      case 'FunctionExpression': {
        const inner = node.id ? inside(scope, false) : scope;
        if (node.id) inner.names.add(node.id.name);
        this.#callable(node, inner);
        return;
      }
      case 'ArrowFunctionExpression':
        this.#callable(node, scope);
        return;
      case 'ClassDeclaration':
      case 'ClassExpression': {
        if (node.id && node.type === 'ClassDeclaration') this.#pattern(node.id, scope, scope, 'class');
        const inner = inside(scope, false, true);
        if (node.id) inner.names.add(node.id.name);
        for (const decorator of node.decorators ?? []) this.visit(decorator, scope);
        if (node.superClass) this.visit(node.superClass, inner);
        this.visit(node.body, inner);
        return;
      }
      case 'VariableDeclaration': {
        const owner = node.kind === 'var' ? wholeOf(scope) : scope;
        const kind = node.kind === 'await using' ? 'using' : node.kind;
        for (const { id, init } of node.declarations) {
          this.#pattern(id, owner, scope, kind);
          if (init) this.visit(init, scope);
        }
        return;
      }
      case 'ImportDeclaration':
        for (const { local } of node.specifiers) this.#pattern(local, scope, scope, 'import');
        return;
      case 'ExportNamedDeclaration':
        if (node.declaration) this.visit(node.declaration, scope);
        else if (!node.source) {
          for (const { local } of node.specifiers)
            if (local.type === 'Identifier') this.#use(local, scope, false, false);
        }
        return;
      case 'ExportAllDeclaration':
      case 'BreakStatement':
      case 'ContinueStatement':
      case 'MetaProperty':
        return;
      case 'LabeledStatement':
        this.visit(node.body, scope);
        return;
      case 'MemberExpression':
        this.visit(node.object, scope);
        if (node.computed) this.visit(node.property, scope);
        return;
      case 'MethodDefinition':
      case 'PropertyDefinition':
      case 'AccessorProperty':
        for (const decorator of node.decorators ?? []) this.visit(decorator, scope);
        if (node.computed) this.visit(node.key, scope);
        if (node.value) this.visit(node.value, scope);
        return;
      case 'Property':
        if (node.computed) this.visit(node.key, scope);
        if (node.shorthand && node.value.type === 'Identifier') this.#use(node.value, scope, false, true);
        else this.visit(node.value, scope);
        return;
      case 'AssignmentExpression':
        this.#target(node.left, scope);
        this.visit(node.right, scope);
        return;
      case 'BinaryExpression':
      case 'LogicalExpression': {
        // A chain of them can be thousands long, which no recursion would bear.
        let left: Node = node;
        while (left.type === 'BinaryExpression' || left.type === 'LogicalExpression') {
          this.visit(left.right, scope);
          left = left.left;
        }
        this.visit(left, scope);
        return;
      }
      case 'UpdateExpression':
        this.#target(node.argument, scope);
        return;
      default:
        this.#all(node, scope);
    }
  }

  #all(node: Node, scope: Scope): void {
    for (const child of children(node)) this.visit(child, scope);
  }

  #callable(node: Callable, scope: Scope): void {
    const inner = inside(scope, true);
    // Node's own name for it; nobody can bind it from outside.
    if (node.type !== 'ArrowFunctionExpression') inner.names.add('arguments');
    for (const param of node.params) this.#pattern(param, inner, inner, undefined);
    if (!node.body) return;
    // What a parameter defaults to does not see the names of the body.
    if (node.body.type === 'BlockStatement') this.#all(node.body, inside(inner, true));
    else this.visit(node.body, inner);
  }

  /** A pattern that declares names in `owner`; what it computes is looked up from `scope`. */
  #pattern(pattern: Node, owner: Scope, scope: Scope, kind: Kind | undefined, shorthand = false): void {
    switch (pattern.type) {
      case 'Identifier':
        owner.names.add(pattern.name);
        if (owner === this.top && kind) {
          this.#declared.set(pattern.name, kind);
          this.#open.push({ ...placeOf(pattern, shorthand), write: false, declares: kind, inner: false, scope: owner });
        }
        return;
      case 'ObjectPattern':
        for (const part of pattern.properties) {
          if (part.type === 'RestElement') this.#pattern(part.argument, owner, scope, kind);
          else {
            if (part.computed) this.visit(part.key, scope);
            this.#pattern(part.value, owner, scope, kind, part.shorthand);
          }
        }
        return;
      case 'ArrayPattern':
        for (const element of pattern.elements) if (element) this.#pattern(element, owner, scope, kind);
        return;
      case 'AssignmentPattern':
        this.#pattern(pattern.left, owner, scope, kind, shorthand);
        this.visit(pattern.right, scope);
        return;
      case 'RestElement':
        this.#pattern(pattern.argument, owner, scope, kind);
        return;
      default:
        this.visit(pattern, scope);
    }
  }

  /** What an assignment assigns to. */
  #target(target: Node, scope: Scope, shorthand = false): void {
    switch (target.type) {
      case 'Identifier':
        this.#use(target, scope, true, shorthand);
        return;
      case 'ParenthesizedExpression':
        this.#target(target.expression, scope);
        return;
      case 'ObjectPattern':
        for (const part of target.properties) {
          if (part.type === 'RestElement') this.#target(part.argument, scope);
          else {
            if (part.computed) this.visit(part.key, scope);
            this.#target(part.value, scope, part.shorthand);
          }
        }
        return;
      case 'ArrayPattern':
        for (const element of target.elements) if (element) this.#target(element, scope);
        return;
      case 'AssignmentPattern':
        this.#target(target.left, scope, shorthand);
        this.visit(target.right, scope);
        return;
      case 'RestElement':
        this.#target(target.argument, scope);
        return;
      default:
        this.visit(target, scope);
    }
  }

  #use(node: Node & { type: 'Identifier' }, scope: Scope, write: boolean, shorthand: boolean): void {
    this.#open.push({ ...placeOf(node, shorthand), write, declares: undefined, inner: scope.inner, scope });
  }
}

const inside = (parent: Scope, whole: boolean, inner = whole): Scope => ({
  parent,
  names: new Set(),
  whole,
  inner: inner || parent.inner,
});

function wholeOf(scope: Scope): Scope {
  let at = scope;
  while (!at.whole && at.parent) at = at.parent;
  return at;
}

const placeOf = (
  { name, start, end }: Node & { type: 'Identifier' },
  shorthand: boolean,
): Pick<Reference, 'name' | 'start' | 'end' | 'shorthand'> => ({ name, start, end, shorthand });
