/**
 * The words of modules in a cell: `import` becomes calls of the kernel, `export` goes away. See `rewrite.ts`.
 */
import type MagicString from 'magic-string';
import type { Node } from 'oxc-parser';
import type { Rename } from './bindings.ts';
import { RUNTIME } from './contract.ts';
import { walk } from './names.ts';

type Statement = Node & { start: number; end: number };

/** Takes `export` away. Returns the statement that is left, if any. */
export function unwrapExport(node: Statement, code: MagicString): Statement | undefined {
  if (node.type === 'ExportNamedDeclaration') {
    if (node.declaration) {
      code.remove(node.start, node.declaration.start);
      return node.declaration;
    }
    const from = node.source ? `await ${RUNTIME}.load(${node.source.raw ?? JSON.stringify(node.source.value)});` : '';
    replace(code, node, from);
    return undefined;
  }
  if (node.type === 'ExportAllDeclaration') {
    replace(code, node, `await ${RUNTIME}.load(${node.source.raw ?? JSON.stringify(node.source.value)});`);
    return undefined;
  }
  if (node.type !== 'ExportDefaultDeclaration') {
    // What `export = value` has become.
    const assigned = node.type === 'ExpressionStatement' ? node.expression : undefined;
    if (assigned?.type === 'AssignmentExpression' && code.original.startsWith('module.exports =', node.start)) {
      code.remove(node.start, assigned.right.start);
    }
    return node;
  }
  const { declaration } = node;
  const named =
    (declaration.type === 'FunctionDeclaration' || declaration.type === 'ClassDeclaration') && declaration.id !== null;
  if (named) {
    code.remove(node.start, declaration.start);
    return declaration;
  }
  code.update(node.start, declaration.start, '(');
  code.appendLeft(declaration.end, ')');
  return undefined;
}

function replace(code: MagicString, { start, end }: Statement, text: string): void {
  if (text === '') code.remove(start, end);
  else code.overwrite(start, end, text);
}

/** The call that stands for a static import. `declare` is false where the names are declared elsewhere. */
export function importCode(
  node: Node & { type: 'ImportDeclaration' },
  used: ReadonlySet<string>,
  rename: Rename,
  declare: boolean,
): string {
  const specifier = JSON.stringify(node.source.value);
  const attributes = node.attributes.map(
    ({ key, value }) =>
      `${JSON.stringify(key.type === 'Identifier' ? key.name : key.value)}:${JSON.stringify(value.value)}`,
  );
  const load = `await ${RUNTIME}.load(${specifier}${attributes.length > 0 ? `,{with:{${attributes.join(',')}}}` : ''})`;
  const picked: { local: string; name: string }[] = [];
  let namespace: string | undefined;
  for (const part of node.specifiers) {
    const local = part.local.name;
    if (part.type === 'ImportNamespaceSpecifier') namespace = rename(local);
    else if (part.type === 'ImportDefaultSpecifier') picked.push({ local, name: 'default' });
    else picked.push({ local, name: part.imported.type === 'Identifier' ? part.imported.name : part.imported.value });
  }
  const word = declare ? 'let ' : ';';
  if (picked.length === 0) return namespace === undefined ? `${load};` : `${word}${namespace}=${load};`;
  const locals = `[${picked.map(({ local }) => rename(local)).join(',')}]`;
  const wanted = `[${picked.map(({ local, name }) => `[${JSON.stringify(name)},${used.has(local)}]`).join(',')}]`;
  const from = namespace ?? `(${load})`;
  const pick = `${word}${locals}=${RUNTIME}.pick(${from},${specifier},${wanted});`;
  return namespace === undefined ? pick : `${word}${namespace}=${load};${pick}`;
}

/** `import()` and `import.meta`, wherever they are. */
export function rewriteImportCalls(program: Node, code: MagicString, js: string): void {
  if (!/\bimport\b/.test(js)) return;
  walk(program, (node) => {
    if (node.type === 'ImportDeclaration') return false;
    // Up to the bracket: `import.defer(…)` is loaded at once.
    if (node.type === 'ImportExpression') code.update(node.start, js.indexOf('(', node.start), `${RUNTIME}.load`);
    if (node.type === 'MetaProperty' && node.meta.name === 'import')
      code.update(node.start, node.end, `${RUNTIME}.meta`);
    return true;
  });
}
