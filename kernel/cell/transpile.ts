/**
 * TypeScript, with JSX and decorators where there are any → JavaScript that V8 runs, with the maps that lead back. Types
 * are dropped, never checked. Both cells and the modules beside a notebook go through here.
 */
import { createRequire } from 'node:module';
import MagicString from 'magic-string';
import type { OxcError } from 'oxc-transform';
import { RUNTIME } from './contract.ts';
import { asVariables, lowerDecorators, mayHoldDecorators } from './decorators.ts';
import { lineAndColumn } from './excerpt.ts';

const require = createRequire(import.meta.url);

/** Loaded for the first source that is more than JavaScript: the first cell of a kernel that has just started may not be. */
let loaded: typeof import('oxc-transform') | undefined;
function oxc(): typeof import('oxc-transform') {
  loaded ??= require('oxc-transform') as typeof import('oxc-transform');
  return loaded;
}

/** Mappings of a source map in their encoded form (`AAAA,…`). */
export interface SourceMappings {
  version: 3;
  names: string[];
  sources: (string | null)[];
  mappings: string;
}

/** JavaScript with the way back to what it was made from. */
export interface Transpiled {
  code: string;
  /** From the code back to the source, one step after another. */
  maps: SourceMappings[];
  /** True where the code has names at its top level that the source has not. */
  helped: boolean;
}

/** Why a source was refused: `offset` counts UTF-16 units. */
export interface Refusal {
  message: string;
  offset: number;
}

/** What a source is, by the name that its file would have. */
export type Language = 'ts' | 'tsx' | 'js' | 'jsx';

/** Makes a map out of its mappings. */
export const mapOf = (mappings: string): SourceMappings => ({ version: 3, names: [], sources: ['source'], mappings });

/** What is known of a source. */
export interface TranspileOptions {
  /**
   * True for a cell: other cells see what it declares and imports. False for a module, where an import that nothing uses
   * is one of types.
   */
  cell: boolean;
}

/**
 * Transpiles a source whose language is not known: plain TypeScript is tried first, because `<T>` means something else
 * where JSX is allowed.
 */
export function transpile(source: string, options: TranspileOptions): Transpiled | Refusal {
  const typescript = transpileAs('ts', source, options);
  if (!isRefusal(typescript) || !JSX.test(source)) return typescript;
  const jsx = transpileAs('tsx', source, options);
  if (!isRefusal(jsx)) return jsx;
  const both = withMarkedGenerics(source, options);
  if (both) return both;
  // Whichever reading got further is the one that was meant, but where it is about what stands between tags.
  const between = JSX_ALONE.test(jsx.message) && source.includes('</') && source.search(GENERIC) < 0;
  return between || jsx.offset > typescript.offset ? jsx : typescript;
}

/** Transpiles a source of a known language. */
export function transpileAs(language: Language, source: string, options: TranspileOptions): Transpiled | Refusal {
  const { code, map, errors } = oxc().transformSync(`source.${language}`, source, {
    lang: language,
    sourceType: 'module',
    sourcemap: true,
    target: 'esnext',
    typescript: { onlyRemoveTypeImports: options.cell },
    jsx: { runtime: 'classic', pragma: `${RUNTIME}.jsx`, pragmaFrag: `${RUNTIME}.Fragment`, pure: false },
  });
  const failure = errors.find(({ severity }) => severity === 'Error');
  if (failure) {
    const { offset, opened } = placesOf(failure, source);
    const said = failure.message.replace(/\.$/, '');
    const openedIn = opened === undefined ? 0 : lineAndColumn(source, opened).line;
    const far = openedIn > 0 && openedIn < lineAndColumn(source, offset).line;
    const more = [failure.helpMessage, far ? `What it would close was opened in line ${openedIn}` : ''].filter(Boolean);
    return { message: more.length > 0 ? [said, ...more].join('. ') : failure.message, offset };
  }
  const plain = { code, maps: [mapOf(map?.mappings ?? '')], helped: false };
  return mayHoldDecorators(source) ? lowered(plain, source, options) : plain;
}

/** Where a source went wrong, and where the bracket stands that it left open. */
function placesOf({ labels }: OxcError, source: string): { offset: number; opened: number | undefined } {
  // Labels count UTF-8 bytes, a JavaScript string UTF-16 units.
  const bytes = Buffer.from(source);
  const at = (label: OxcError['labels'][number] | undefined): number =>
    bytes.toString('utf8', 0, label?.start ?? 0).length;
  const [first, second] = labels;
  // What there is already comes before what is wrong with it; else the place itself comes first.
  const wrong = second && /\balready\b|^First\b/.test(first?.message ?? '') ? second : first;
  return { offset: at(wrong), opened: second?.message === 'Opened here' ? at(second) : undefined };
}

/** True where a source was refused. */
export const isRefusal = (result: Transpiled | Refusal): result is Refusal => 'offset' in result;

function lowered({ code, maps }: Transpiled, source: string, { cell }: TranspileOptions): Transpiled | Refusal {
  try {
    const kept = cell ? asVariables(code) : undefined;
    const result = lowerDecorators(kept?.toString() ?? code);
    const steps = kept
      ? [mapOf(result.mappings), mapOf(kept.generateMap({ hires: 'boundary' }).mappings)]
      : [mapOf(result.mappings)];
    return { code: result.code, maps: [...steps, ...maps], helped: true };
  } catch (error) {
    const said = error instanceof Error ? error.message.replace(/^.*?: |\s*\(\d+:\d+\)[\s\S]*$/g, '') : String(error);
    const message = /decorate parameters/.test(said) ? NO_PARAMETERS : said;
    return { message, offset: Math.max(0, source.search(/@|\baccessor\b/)) };
  }
}

const NO_PARAMETERS =
  'Decorators of parameters are not supported: they belong to experimentalDecorators, which the standard has left out. ' +
  'Decorate the class, the method or a field instead';

/** What is said of text and of tags alone. */
const JSX_ALONE = /\bJSX\b|\{'[>}]'\}/;
const JSX = /<\s*(?:[A-Za-z_$]|>)/;
const GENERIC = /<\s*([A-Z]\w*)\s*(?=>\s*\()/g;

/** Where JSX is allowed, the type parameter of an arrow function is written `<T,>`; here `<T>` is taken for it too. */
function withMarkedGenerics(source: string, options: TranspileOptions): Transpiled | undefined {
  const marked = new MagicString(source);
  for (const match of source.matchAll(GENERIC)) {
    const [text, name] = match;
    if (!new RegExp(`</\\s*${name}\\b`).test(source)) marked.appendLeft(match.index + text.length, ',');
  }
  if (!marked.hasChanged()) return undefined;
  const result = transpileAs('tsx', marked.toString(), options);
  if (isRefusal(result)) return undefined;
  return { ...result, maps: [...result.maps, mapOf(marked.generateMap({ hires: 'boundary' }).mappings)] };
}
