/**
 * Tensors that a cell made and lost: nothing can reach them any more, and they were never disposed of, so that their
 * memory is gone until the kernel restarts. What is made inside `tf.tidy`, by a layer or by an optimizer is freed there;
 * so only what comes out of all scopes is looked at. Of many only some are, each standing for several.
 */
import { createRequire } from 'node:module';
import type { Tensor } from '@tensorflow/tfjs';
import { CELL_URL } from '../../cell/contract.ts';
import { locate } from '../../cell/trace.ts';
import type { TensorFlow } from '../tensorflow.ts';

/** A cell that loses fewer tensors than this, and fewer bytes, is not worth a word. */
const MOST_TENSORS = 200;
const MOST_BYTES = 50 * 2 ** 20;
/** So many tensors are all looked at; of those after them one in two, then one in four, and so on. */
const ALL_LOOKED_AT = 512;
/** Tensors of this size are looked at whatever their number. */
const LARGE = 2 ** 20;
/** Frames between the line of a cell and the making of its tensor. */
const FRAMES = 24;

/** A tensor that was made outside all scopes. */
interface Birth {
  tensor: WeakRef<Tensor>;
  bytes: number;
  /** How many tensors it stands for. */
  weight: number;
  place: Place | undefined;
}

/** Script, line and column, as V8 runs them. */
interface Place {
  url: string;
  line: number;
  column: number;
}

/** Tensors lost, by the line that made them. */
export interface Loss {
  tensors: number;
  bytes: number;
  /** `cell [3]:5:7`, most bytes first; a place is undefined where no cell's line is known. */
  lines: { place: string | undefined; tensors: number; bytes: number }[];
  /** Whether the counts are exact. */
  exact: boolean;
}

/** Notes what is made and disposed of during one cell, and says at its end what was lost. */
export class LeakWatch {
  #births = new Set<Birth>();
  #ofTensor = new WeakMap<Tensor, Birth>();
  #made = 0;
  readonly #collect: () => void;

  /** @param collect collects garbage, all of it */
  constructor(collect: () => void) {
    this.#collect = collect;
  }

  /** A tensor came out of all scopes. */
  made(tensor: Tensor): void {
    this.#made++;
    const bytes = tensor.size * (tensor.dtype === 'bool' ? 1 : 4);
    const doublings = Math.max(0, Math.floor(Math.log2(this.#made / ALL_LOOKED_AT)) + 1);
    const stride = bytes >= LARGE ? 1 : 2 ** doublings;
    if (this.#made % stride !== 0 || this.#ofTensor.has(tensor)) return;
    const birth: Birth = { tensor: new WeakRef(tensor), bytes, weight: stride, place: cellPlace() };
    this.#births.add(birth);
    this.#ofTensor.set(tensor, birth);
  }

  /** A tensor was disposed of. */
  gone(tensor: Tensor): void {
    const birth = this.#ofTensor.get(tensor);
    if (birth) this.#births.delete(birth);
  }

  /** The cell is over; the next one begins. @returns what was lost, where that is much */
  end(): Loss | undefined {
    const births = [...this.#births];
    this.#births = new Set();
    this.#ofTensor = new WeakMap();
    this.#made = 0;
    if (!isMuch(sumOf(births))) return undefined;
    this.#collect();
    const lost = births.filter(({ tensor }) => tensor.deref() === undefined);
    const sum = sumOf(lost);
    if (!isMuch(sum)) return undefined;
    const byPlace = Map.groupBy(lost, ({ place }) => place && said(place));
    const lines = [...byPlace].map(([place, group]) => ({ place, ...sumOf(group) }));
    return {
      ...sum,
      lines: lines.toSorted((a, b) => b.bytes - a.bytes || b.tensors - a.tensors),
      exact: lost.every(({ weight }) => weight === 1),
    };
  }
}

const isMuch = ({ tensors, bytes }: { tensors: number; bytes: number }): boolean =>
  tensors > MOST_TENSORS || bytes > MOST_BYTES;

function sumOf(births: readonly Birth[]): { tensors: number; bytes: number } {
  const sum = { tensors: 0, bytes: 0 };
  for (const { weight, bytes } of births) {
    sum.tensors += weight;
    sum.bytes += weight * bytes;
  }
  return sum;
}

/**
 * The line of a cell that is running. Only looked up in the cell's own source when it is to be said: that takes a hundred
 * times as long. An interrupt in between leaves the writing of stacks to the kernel, which puts it right after each.
 */
function cellPlace(): Place | undefined {
  const { stackTraceLimit, prepareStackTrace } = Error;
  let place: Place | undefined;
  Error.stackTraceLimit = FRAMES;
  Error.prepareStackTrace = (_, sites) => {
    for (const site of sites) {
      const url = site.getScriptNameOrSourceURL();
      if (!url?.startsWith(CELL_URL)) continue;
      place = { url, line: site.getLineNumber() ?? 1, column: site.getColumnNumber() ?? 1 };
      return;
    }
  };
  // V8 calls the function above when the stack is read.
  Reflect.get(new Error('a tensor is made'), 'stack');
  Object.assign(Error, { stackTraceLimit, prepareStackTrace });
  return place;
}

/** `cell [3]:5:7` */
function said({ url, line, column }: Place): string | undefined {
  const found = locate(url, line, column);
  return found && `cell [${found.count}]:${found.frame.line}:${found.frame.column}`;
}

/** The loss in words, for the reader of the cell. */
export function lossText({ tensors, bytes, lines, exact }: Loss): string {
  const count = (number: number): string => `${number.toLocaleString('en-US')} tensor${number === 1 ? '' : 's'}`;
  const size = (number: number): string =>
    `${(number / 2 ** 20).toLocaleString('en-US', { maximumFractionDigits: 1 })} MB`;
  const known = lines.filter(({ place }) => place !== undefined).slice(0, 3);
  const where = known.map((line) => `${count(line.tensors)} (${size(line.bytes)}) at ${line.place}`).join(', ');
  return `This cell made ${exact ? '' : 'about '}${count(tensors)} (${size(bytes)}) that nothing can reach any more and that were not disposed of${where === '' ? '' : `: ${where}`}. tf.tidy(() => …) frees what is made in it.`;
}

/** Watches a TensorFlow.js; `end` is called at the end of each cell. */
export function watchLeaks(tf: TensorFlow, collect = collectGarbage): { end(): Loss | undefined } {
  const watch = new LeakWatch(collect);
  const engine = tf.engine();
  const { disposeTensor } = engine;
  const track: (tensor: Tensor) => Tensor = Reflect.get(engine, 'track');
  Object.assign(engine, {
    track(this: typeof engine, tensor: Tensor): Tensor {
      if (this.state.activeScope === null || this.state.activeScope === undefined) watch.made(tensor);
      return Reflect.apply(track, this, [tensor]);
    },
    disposeTensor(this: typeof engine, tensor: Tensor): void {
      watch.gone(tensor);
      Reflect.apply(disposeTensor, this, [tensor]);
    },
  });
  return { end: () => watch.end() };
}

let collector: (() => void) | undefined;

/**
 * Collects all garbage now: some tens of milliseconds. What a WeakRef was made of stays until the job that runs is over,
 * which the end of a cell is still part of; a script in a context with a queue of its own ends a job of its own.
 */
function collectGarbage(): void {
  collector ??= makeCollector();
  collector();
}

function makeCollector(): () => void {
  const require = createRequire(import.meta.url);
  const { setFlagsFromString }: typeof import('node:v8') = require('node:v8');
  const { createContext, runInContext }: typeof import('node:vm') = require('node:vm');
  setFlagsFromString('--expose-gc');
  const context = createContext({}, { microtaskMode: 'afterEvaluate' });
  const collect: unknown = runInContext('gc', context);
  setFlagsFromString('--no-expose-gc');
  return () => {
    runInContext('0', context);
    if (typeof collect === 'function') Reflect.apply(collect, undefined, []);
  };
}
