/**
 * Draws a Vega-Lite specification that came out of a cell. It is data of a stranger: its expressions are interpreted,
 * never compiled to code, it loads nothing, leads nowhere, and touches no element but its own.
 */
import { type Loader, parse, type Spec, View } from 'vega';
import { expressionInterpreter } from 'vega-interpreter';
import { compile, type TopLevelSpec } from 'vega-lite';
import { vegaLook } from './vega-look.ts';

/** A chart that was drawn. */
export interface Drawn {
  element: HTMLElement;
  /** The room it has, in px. */
  fit(width: number): void;
  end(): void;
}

/** More rows than this are drawn as pixels: each would be an element of the page. */
const MOST_ELEMENTS = 2000;

const refuse = (): Promise<never> =>
  Promise.reject(new Error('a chart in a notebook loads nothing: put its data into the specification'));

/** Loads nothing. Pictures may be in the specification itself. */
const loader: Loader = {
  load: refuse,
  http: refuse,
  file: refuse,
  sanitize: (uri) => (/^data:image\/(png|jpeg|gif|webp);/.test(uri) ? Promise.resolve({ href: uri }) : refuse()),
};

/**
 * What a chart may listen to: itself, and of the window what dragging and resizing need. Other elements of the page, and
 * keys typed in them, are not its business; its inputs stay within it.
 */
const EVENTS = {
  bind: 'container' as const,
  selector: false,
  window: ['pointermove', 'pointerup', 'mousemove', 'mouseup', 'touchmove', 'touchend', 'resize'],
};

/**
 * Draws it; `label` is for who cannot see it.
 * @throws Error in words when it is no specification, or wants data from elsewhere
 */
export async function drawVega(given: unknown, label: string): Promise<Drawn> {
  if (!isSpec(given)) throw new Error('it is no specification');
  // What Vega writes into its input must not reach the outputs that the page holds.
  const spec = structuredClone(given);
  const fluid = isSingle(spec) && !('width' in spec);
  if (fluid) Object.assign(spec, { width: 300, autosize: { type: 'fit-x', contains: 'padding' } });
  const problems: string[] = [];
  const logger = quietLogger((problem) => problems.push(problem));
  const look = vegaLook();
  const compiled = isVega(spec) ? spec : compile(spec, { config: look, logger }).spec;
  const { axis, legend, title, range } = look;
  const runtime = parse(
    { ...compiled, config: { ...compiled.config, events: EVENTS } },
    isVega(spec) ? { axis, legend, title, range } : undefined,
    { ast: true },
  );
  const element = document.createElement('div');
  const view = new View(runtime, {
    expr: expressionInterpreter,
    loader,
    logger,
    renderer: rowsOf(spec) > MOST_ELEMENTS ? 'canvas' : 'svg',
    container: element,
    hover: true,
  });
  view.description(typeof spec.description === 'string' ? spec.description : label);
  try {
    await view.runAsync();
    // A view says that it could not load by drawing nothing.
    const failed = problems.find((problem) => /loads nothing|Loading failed/.test(problem));
    if (failed) throw new Error(failed);
  } catch (error) {
    view.finalize();
    throw error;
  }
  let fitted = 0;
  return {
    element,
    fit(width) {
      const wanted = Math.min(MOST_WIDTH, Math.floor(width));
      if (!fluid || wanted < 80 || wanted === fitted) return;
      fitted = wanted;
      view.width(wanted);
      void view.runAsync();
    },
    end: () => void view.finalize(),
  };
}

const MOST_WIDTH = 900;

type AnySpec = (TopLevelSpec & { description?: unknown }) | (Spec & { description?: unknown });

const isSpec = (value: unknown): value is TopLevelSpec & { description?: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A specification of Vega itself, which Vega-Lite is compiled to. */
function isVega(spec: AnySpec): spec is Spec & { description?: unknown } {
  return '$schema' in spec && typeof spec.$schema === 'string' && /\/schema\/vega\/v/.test(spec.$schema);
}

/** A chart of one plot, whose width is then that of the page. */
function isSingle(spec: object): boolean {
  if (!('mark' in spec || 'layer' in spec)) return false;
  const encoding = Reflect.get(spec, 'encoding');
  if (typeof encoding !== 'object' || encoding === null) return true;
  return !['row', 'column', 'facet'].some((channel) => channel in encoding);
}

function rowsOf(value: unknown, depth = 0): number {
  if (typeof value !== 'object' || value === null || depth > 6) return 0;
  if (Array.isArray(value)) return depth > 0 && value.length > 100 ? value.length : sum(value, depth);
  return sum(Object.values(value), depth);
}
const sum = (values: readonly unknown[], depth: number): number =>
  values.reduce<number>((rows, value) => rows + rowsOf(value, depth + 1), 0);

/** What Vega and Vega-Lite call a logger; it keeps what went wrong and prints nothing. */
function quietLogger(keep: (problem: string) => void) {
  const logger = {
    level: () => logger,
    error(...words: unknown[]) {
      keep(words.map((word) => (word instanceof Error ? word.message : String(word))).join(' '));
      return logger;
    },
    warn(...words: unknown[]) {
      keep(words.map((word) => (word instanceof Error ? word.message : String(word))).join(' '));
      return logger;
    },
    info: () => logger,
    debug: () => logger,
  };
  // Called without an argument a logger tells its level.
  return Object.assign(logger, { level: (() => logger) as never });
}
