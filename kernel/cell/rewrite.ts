/**
 * Turns one cell's JavaScript into a script for V8's REPL mode. Everything declared at the top level becomes `let`,
 * because that mode lets a `let` be declared again by any later cell while loops over it stay as fast as in a module.
 * Imports become calls of the kernel, since a script may not contain them; the last expression becomes the result.
 * It refuses to judge the code: what the parser accepted is rewritten, whatever it does.
 */
import MagicString from 'magic-string';
import { type Node, parseSync } from 'oxc-parser';
import { RUNTIME } from './contract.ts';
import { boundNames, topLevelVars, usedNames, walk } from './names.ts';

type Statement = Node & { start: number; end: number };

/** Rewrites JavaScript (module syntax, no types). The result carries the map back to `js`. */
export function rewrite(js: string): MagicString {
  const { program } = parseSync('cell.js', js, { sourceType: 'module' });
  const code = new MagicString(js);
  const body: Statement[] = [];
  for (const statement of program.body) {
    const bare = unwrapExport(statement, code);
    if (bare) body.push(bare);
  }
  const hoisted = new Set<string>();
  const hasImports = body.some(({ type }) => type === 'ImportDeclaration');
  const used = hasImports ? usedNames(program) : new Set<string>();
  // Where hoisted statements go: before the first one that is not hoisted itself.
  const first = body.find(({ type }) => type !== 'ImportDeclaration' && type !== 'FunctionDeclaration');
  for (const node of body) {
    switch (node.type) {
      case 'ImportDeclaration':
        code.overwrite(node.start, node.end, importCode(node, used));
        break;
      case 'FunctionDeclaration':
        if (node.id) {
          hoisted.add(node.id.name);
          code.prependRight(node.start, `${node.id.name} = `);
          code.overwrite(node.id.start, node.id.end, ' ');
          code.appendLeft(node.end, ';');
        }
        break;
      case 'ClassDeclaration':
        if (node.id) {
          code.prependRight(node.start, `let ${node.id.name} = `);
          code.appendLeft(node.end, ';');
        }
        break;
      case 'VariableDeclaration':
        if (node.kind === 'const') code.overwrite(node.start, node.start + 5, 'let');
        break;
    }
    const movable = node.type === 'ImportDeclaration' || node.type === 'FunctionDeclaration';
    if (movable && first && first.start < node.start) code.move(node.start, node.end, first.start);
  }
  rewriteVars(program, code, hoisted, js);
  rewriteImportCalls(program, code, js);
  const last = body.at(-1);
  if (last?.type === 'ExpressionStatement') {
    code.prependRight(last.expression.start, `${RUNTIME}.show(`);
    code.appendLeft(last.expression.end, ')');
  }
  code.prepend(`"use strict";${hoisted.size > 0 ? `let ${[...hoisted].join(',')};` : ''}`);
  // Otherwise the value of the last statement, however big, would be described for nobody.
  code.append('\n;void 0;');
  return code;
}

/** Takes `export` away. Returns the statement that is left, if any. */
function unwrapExport(node: Statement, code: MagicString): Statement | undefined {
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
  if (node.type !== 'ExportDefaultDeclaration') return node;
  const { declaration } = node;
  const named =
    (declaration.type === 'FunctionDeclaration' || declaration.type === 'ClassDeclaration') && declaration.id !== null;
  if (named) {
    code.remove(node.start, declaration.start);
    return declaration;
  }
  code.overwrite(node.start, declaration.start, '(');
  code.appendLeft(declaration.end, ')');
  return undefined;
}

function replace(code: MagicString, { start, end }: Statement, text: string): void {
  if (text === '') code.remove(start, end);
  else code.overwrite(start, end, text);
}

function importCode(node: Node & { type: 'ImportDeclaration' }, used: ReadonlySet<string>): string {
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
    if (part.type === 'ImportNamespaceSpecifier') namespace = local;
    else if (part.type === 'ImportDefaultSpecifier') picked.push({ local, name: 'default' });
    else picked.push({ local, name: part.imported.type === 'Identifier' ? part.imported.name : part.imported.value });
  }
  if (picked.length === 0) return namespace === undefined ? `${load};` : `let ${namespace}=${load};`;
  const locals = `[${picked.map(({ local }) => local).join(',')}]`;
  const wanted = `[${picked.map(({ local, name }) => `[${JSON.stringify(name)},${used.has(local)}]`).join(',')}]`;
  const from = namespace ?? `(${load})`;
  const pick = `let ${locals}=${RUNTIME}.pick(${from},${specifier},${wanted});`;
  return namespace === undefined ? pick : `let ${namespace}=${load};${pick}`;
}

/** `var` reaches the top level from inside blocks too; left as it is, it would forbid a later `let` of its name. */
function rewriteVars(program: Node, code: MagicString, hoisted: Set<string>, js: string): void {
  if (!/\bvar\b/.test(js)) return;
  for (const { declaration, loop } of topLevelVars(program)) {
    for (const { id } of declaration.declarations) for (const name of boundNames(id)) hoisted.add(name);
    code.overwrite(declaration.start, declaration.start + 3, loop ? '' : ';(', { contentOnly: true });
    const end = declaration.declarations.at(-1)?.end;
    if (!loop && end !== undefined) code.appendLeft(end, ')');
  }
}

function rewriteImportCalls(program: Node, code: MagicString, js: string): void {
  if (!/\bimport\b/.test(js)) return;
  walk(program, (node) => {
    if (node.type === 'ImportDeclaration') return false;
    if (node.type === 'ImportExpression') code.overwrite(node.start, node.start + 6, `${RUNTIME}.load`);
    if (node.type === 'MetaProperty' && node.meta.name === 'import') {
      code.overwrite(node.start, node.end, `${RUNTIME}.meta`);
    }
    return true;
  });
}
