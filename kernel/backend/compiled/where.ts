/**
 * Where in a model a kernel is called: in which layer, by which line of the user's, forward or for the gradient. Kept
 * only while a step is recorded or searched for a fault, never in normal steps.
 */
import type { TensorFlow } from '../tensorflow.ts';
import { withUndo } from './undo.ts';

/** Where a kernel was called. */
export interface Place {
  /** Innermost layer, by its name. */
  layer: string | undefined;
  gradient: boolean;
  /** The kernel whose gradient it belongs to. */
  of: string | undefined;
  /** Holds the stack of the call, of the forward call where it is of a gradient; only where traces are kept. */
  trace: Error | undefined;
}

/** Layers that are being applied, the innermost last. */
let layers: string[] = [];
let tracing = false;
let backward: Place | undefined;

/** Where the kernel that is being called stands. */
export function place(): Place {
  return backward ?? { layer: layers.at(-1), gradient: false, of: undefined, trace: tracing ? traceHere() : undefined };
}

/** Keeps the lines of the user's as well, which takes longer than all else: for when something has failed. */
export function withTraces<T>(work: () => T): T {
  const before = tracing;
  const restore = (): void => {
    tracing = before;
  };
  return withUndo(restore, () => {
    tracing = true;
    return work();
  });
}

/** Runs `work` with {@link place} known. */
export function withPlaces<T>(tf: TensorFlow, work: () => T): T {
  const engine = tf.engine();
  const layer = layerPrototype(tf);
  const apply: unknown = layer && Reflect.get(layer, 'apply');
  const before = { layers, backward };
  const restore = (): void => {
    layers = before.layers;
    backward = before.backward;
    Reflect.deleteProperty(engine, 'addTapeNode');
    if (layer && typeof apply === 'function') Reflect.set(layer, 'apply', apply);
  };
  return withUndo(restore, () => {
    layers = [];
    backward = undefined;
    if (layer && typeof apply === 'function') {
      Reflect.set(layer, 'apply', function (this: { name: string }, ...args: unknown[]): unknown {
        layers.push(this.name);
        const depth = layers.length;
        try {
          return Reflect.apply(apply, this, args);
        } finally {
          layers.length = depth - 1;
        }
      });
    }
    const { addTapeNode } = Object(engine);
    Reflect.set(engine, 'addTapeNode', (...args: unknown[]) => {
      Reflect.apply(addTapeNode, engine, args);
      const node = engine.state.activeTape?.at(-1);
      const { gradient } = node ?? {};
      if (!node || !gradient) return;
      const forward = place();
      const within = <T>(compute: () => T): T => {
        const outer = backward;
        backward = { ...forward, gradient: true, of: outer?.of ?? node.kernelName };
        try {
          return compute();
        } finally {
          backward = outer;
        }
      };
      // It gives functions, which are called one by one later.
      node.gradient = (dys) => {
        const slopes = within(() => gradient(dys));
        return Object.fromEntries(Object.entries(slopes).map(([name, slope]) => [name, () => within(slope)]));
      };
    });
    return work();
  });
}

/** What every layer inherits from. */
function layerPrototype(tf: TensorFlow): object | undefined {
  let prototype: unknown = tf.LayersModel.prototype;
  let found: object | undefined;
  while (typeof prototype === 'object' && prototype !== null) {
    if (Object.hasOwn(prototype, 'apply')) found = prototype;
    prototype = Object.getPrototypeOf(prototype);
  }
  return found;
}

/** The stack of the caller. */
export function traceHere(): Error {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 60;
  const trace = new Error('here');
  Error.stackTraceLimit = stackTraceLimit;
  return trace;
}

const KERNEL = new URL('../..', import.meta.url);

/** The place in words: `in layer "conv1", for the gradient of Conv2D (cell [3]:5:7)`; empty when nothing is known. */
export function spellPlace({ layer, gradient, of, trace }: Place): string {
  const line = userLine(trace?.stack ?? '');
  return [
    layer === undefined ? '' : ` in layer "${layer}"`,
    gradient ? ` for the gradient${of === undefined ? '' : ` of ${of}`}` : '',
    line === undefined ? '' : ` (${line})`,
  ].join('');
}

/** The innermost line of a stack that is the user's own. */
function userLine(stack: string): string | undefined {
  for (const line of stack.split('\n').slice(1)) {
    const found = /(cell \[\d+\]:\d+:\d+|(?:file:\/\/)?\/[^\s()]+:\d+:\d+|[A-Za-z]:\\[^()]+:\d+:\d+)\)?$/.exec(
      line,
    )?.[1];
    if (found === undefined || /[\\/]node_modules[\\/]|tfjs-core[\\/]src/.test(found)) continue;
    const path = found.replace(/^file:\/\//, '');
    if (path.startsWith(KERNEL.pathname)) continue;
    return path;
  }
  return undefined;
}
