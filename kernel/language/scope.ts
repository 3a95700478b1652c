/** Whether a name in a cell is one of its top level or of an inner scope. Pure. */
import { type Node, parseSync } from 'oxc-parser';
import { walk } from '../cell/names.ts';
import { isDeep } from '../cell/nesting.ts';

const SCOPES = new Set<Node['type']>([
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
  'ClassDeclaration',
  'ClassExpression',
  'BlockStatement',
  'ForStatement',
  'ForInStatement',
  'ForOfStatement',
  'CatchClause',
  'StaticBlock',
  'SwitchStatement',
  'TSModuleDeclaration',
]);

/** True when what is declared at an offset can be seen only in a part of the cell. */
export function isInner(source: string, offset: number, jsx: boolean): boolean {
  if (isDeep(source)) return isWithinBrackets(source.slice(0, offset));
  const { program, errors } = parseSync(jsx ? 'cell.tsx' : 'cell.ts', source, { sourceType: 'module' });
  if (errors.length > 0 && program.body.length === 0) return isWithinBrackets(source.slice(0, offset));
  let inner = false;
  walk(program, (node) => {
    if (inner || offset < node.start || offset >= node.end) return inner ? false : node.type === 'Program';
    if (!SCOPES.has(node.type)) return true;
    // The name of a function or class is one of the scope around it.
    const id: unknown = Reflect.get(node, 'id');
    const own = typeof id === 'object' && id !== null ? Reflect.get(id, 'start') : undefined;
    if (own === offset && /Declaration$/.test(node.type)) return false;
    inner = true;
    return false;
  });
  return inner;
}

/** The same for text that does not parse: whether brackets are open, other than those of a pattern. */
function isWithinBrackets(before: string): boolean {
  const open: number[] = [];
  for (const { 0: sign, index } of before.matchAll(/[()[\]{}]/g)) {
    if ('([{'.includes(sign)) open.push(index);
    else open.pop();
  }
  const [outermost] = open;
  return outermost !== undefined && !/\b(?:const|let|var|import)\s*$/.test(before.slice(0, outermost));
}
