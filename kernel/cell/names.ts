/**
 * Reads syntax trees: their children, the names that a pattern binds, the `var`s that reach the top level. Scopes are
 * resolved in `scope.ts`; nothing here changes code.
 */
import { type Node, visitorKeys } from 'oxc-parser';

/** True for anything that is a node of a syntax tree. */
const isNode = (value: unknown): value is Node =>
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
  // No recursion: a chain of `+` can be thousands long.
  const waiting: { node: Node; parent: Node | undefined }[] = [{ node, parent: undefined }];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    if (visit(next.node, next.parent) === false) continue;
    const parent = next.node;
    for (const child of [...children(parent)].reverse()) waiting.push({ node: child, parent });
  }
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

/** Where a `var` stands: in the head of a loop, among other statements, or alone, as the whole of an `if`, say. */
export type Place = 'loop' | 'statement' | 'branch';

const LISTS = new Set<Node['type'] | undefined>(['Program', 'BlockStatement', 'SwitchCase', 'ExportNamedDeclaration']);

/** The `var` declarations that belong to the top level, also those inside blocks and loops. */
export function topLevelVars(program: Node): { declaration: Node & { type: 'VariableDeclaration' }; place: Place }[] {
  const found: { declaration: Node & { type: 'VariableDeclaration' }; place: Place }[] = [];
  walk(program, (node, parent) => {
    if (OWN_SCOPE.has(node.type)) return false;
    if (node.type === 'VariableDeclaration' && node.kind === 'var') {
      const loop =
        (parent?.type === 'ForStatement' && parent.init === node) ||
        ((parent?.type === 'ForInStatement' || parent?.type === 'ForOfStatement') && parent.left === node);
      found.push({ declaration: node, place: loop ? 'loop' : LISTS.has(parent?.type) ? 'statement' : 'branch' });
    }
    return true;
  });
  return found;
}
