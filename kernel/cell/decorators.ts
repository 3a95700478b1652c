/**
 * Lowers the decorators of the ECMAScript proposal, and `accessor`, which V8 does not run yet. The tool for it is big and
 * rarely wanted, so it is loaded when the first of them is met.
 */
import { createRequire } from 'node:module';
import MagicString from 'magic-string';
import { parseSync } from 'oxc-parser';

const require = createRequire(import.meta.url);

interface Babel {
  transformSync(code: string, options: object): { code: string; map: { mappings: string } } | null;
}

/** True unless it is certain that there are none. A word after `@` in a comment is no decorator. */
export function mayHoldDecorators(source: string): boolean {
  const found = [...places(source, DECORATOR, source.includes('@')), ...places(source, ACCESSOR, true)];
  if (found.length === 0) return false;
  const { comments } = parseSync('cell.tsx', source, { sourceType: 'module' });
  return found.some((at) => !comments.some(({ start, end }) => start <= at && at < end));
}

function places(source: string, pattern: RegExp, possible: boolean): number[] {
  return possible ? Array.from(source.matchAll(pattern), ({ index }) => index) : [];
}

/** After a quotation mark it is most likely the name of a package, `"@scope/name"`. */
const DECORATOR = /(?<!["'`/\w])@[\w$(]/g;
const ACCESSOR = /\baccessor\s+[\w$#["']/g;

/** JavaScript with decorators → JavaScript without, and the mappings back. Throws what the parser throws. */
export function lowerDecorators(code: string): { code: string; mappings: string } {
  // It puts itself where `kernel/cell/trace.ts` is, for good.
  const { prepareStackTrace, stackTraceLimit } = Error;
  try {
    return lower(code);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    if (prepareStackTrace) Error.prepareStackTrace = prepareStackTrace;
    else Reflect.deleteProperty(Error, 'prepareStackTrace');
  }
}

function lower(code: string): { code: string; mappings: string } {
  const babel: Babel = require('@babel/core');
  const result = babel.transformSync(code, {
    babelrc: false,
    configFile: false,
    compact: false,
    sourceMaps: true,
    sourceType: 'module',
    parserOpts: { plugins: ['explicitResourceManagement', 'sourcePhaseImports', 'deferredImportEvaluation'] },
    plugins: [[require.resolve('@babel/plugin-proposal-decorators'), { version: '2023-11' }]],
  });
  if (!result) throw new Error('Decorators could not be lowered');
  return { code: result.code, mappings: result.map.mappings };
}

/**
 * Decorated classes of the top level as variables. A declaration would be lowered under another name, which nobody but
 * the code around it would know.
 */
export function asVariables(code: string): MagicString {
  const changed = new MagicString(code);
  for (const statement of parseSync('cell.js', code, { sourceType: 'module' }).program.body) {
    const exported = statement.type === 'ExportNamedDeclaration' || statement.type === 'ExportDefaultDeclaration';
    const node = exported ? statement.declaration : statement;
    if (node?.type !== 'ClassDeclaration' || !node.id) continue;
    const decorators = code.slice(Math.min(statement.start, node.start), node.id.start).includes('@');
    const members = node.body.body.some((member) => 'decorators' in member && member.decorators?.length);
    const accessors = node.body.body.some(({ type }) => type === 'AccessorProperty');
    if (!decorators && !members && !accessors) continue;
    const start = node.decorators?.[0]?.start ?? node.start;
    if (exported) changed.update(statement.start, start, `let ${node.id.name} = `);
    else changed.appendLeft(start, `let ${node.id.name} = `);
    changed.appendLeft(node.end, ';');
  }
  return changed;
}
