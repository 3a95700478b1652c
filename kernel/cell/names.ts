/**
 * Which names a piece of JavaScript binds and uses. It reads syntax trees and answers questions about names; it neither
 * resolves scopes nor changes code.
 */
import { type Node, visitorKeys } from 'oxc-parser';

/** True for anything that is a node of a syntax tree. */
export const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof Reflect.get(value, 'type') === 'string';

/** The direct children of a node, in the order of the source. */
export function* children(node: Node): Generator<Node> {
  for (const key of visitorKeys[node.type] ?? []) {
    const child: unknown = Reflect.get(node, key);
    if (Array.isArray(child)) yield* child.filter(isNode);
    else if (isNode(child)) yield child;
  }
}

/** Calls `visit` for a node and everything below it; a visit that returns false keeps the walk from going deeper. */
export function walk(node: Node, visit: (node: Node, parent: Node | undefined) => boolean | undefined): void {
  const step = (current: Node, parent: Node | undefined): void => {
    if (visit(current, parent) === false) return;
    for (const child of children(current)) step(child, current);
  };
  step(node, undefined);
}

/** Names that a binding pattern declares, e.g. `a`, `b`, `rest` for `{ a, x: [b = 1], ...rest }`. */
export function boundNames(pattern: Node | null): string[] {
  switch (pattern?.type) {
    case 'Identifier':
      return [pattern.name];
    case 'ObjectPattern':
      return pattern.properties.flatMap((part) => boundNames(part.type === 'Property' ? part.value : part.argument));
    case 'ArrayPattern':
      return pattern.elements.flatMap((element) => boundNames(element));
    case 'AssignmentPattern':
      return boundNames(pattern.left);
    case 'RestElement':
      return boundNames(pattern.argument);
    default:
      return [];
  }
}

const OWN_SCOPE = new Set<Node['type']>([
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
  'ClassDeclaration',
  'ClassExpression',
  'StaticBlock',
]);

/** The `var` declarations that belong to the top level, also those inside blocks and loops; `loop` is theirs, if any. */
export function topLevelVars(program: Node): { declaration: Node & { type: 'VariableDeclaration' }; loop: boolean }[] {
  const found: { declaration: Node & { type: 'VariableDeclaration' }; loop: boolean }[] = [];
  walk(program, (node, parent) => {
    if (OWN_SCOPE.has(node.type)) return false;
    if (node.type === 'VariableDeclaration' && node.kind === 'var') {
      const loop =
        (parent?.type === 'ForStatement' && parent.init === node) ||
        ((parent?.type === 'ForInStatement' || parent?.type === 'ForOfStatement') && parent.left === node);
      found.push({ declaration: node, loop });
    }
    return true;
  });
  return found;
}

/** Names that the code reads or writes as values; keys of objects and members after a dot do not count. */
export function usedNames(program: Node): Set<string> {
  const used = new Set<string>();
  walk(program, (node, parent) => {
    if (node.type === 'ImportDeclaration') return false;
    if (node.type !== 'Identifier') return true;
    if (parent?.type === 'MemberExpression' && parent.property === node && !parent.computed) return true;
    if (parent?.type === 'Property' && parent.key === node && !parent.computed && !parent.shorthand) return true;
    used.add(node.name);
    return true;
  });
  return used;
}
