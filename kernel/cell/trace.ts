/**
 * Where errors come from, in the user's own words: `cell [3]:5:7`, never a line of rewritten code. It takes over the
 * writing of `error.stack` in the kernel process, so that a stack that a cell prints is as true as one that we show.
 * Frames of Node, of packages and of the kernel are left out: nobody can mend them in a cell.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { StackFrame } from '@trialroom/shared/notebook/outputs';
import type { CompiledCell } from './compile.ts';
import { CELL_URL, LOOP_FUNCTION } from './contract.ts';
import { lineAndColumn } from './excerpt.ts';
import type { SourceMappings } from './transpile.ts';

const require = createRequire(import.meta.url);
/** Scripts remembered; functions of older ones show without a place. */
const REMEMBERED = 1000;
const MOST_FRAMES = 20;
/** Characters of a function’s name; code may call a function anything. */
const LONGEST_NAME = 200;

/** What is kept of a cell that ran: there are many, so nothing else. */
interface Script extends Pick<CompiledCell, 'cell' | 'count' | 'source' | 'maps'> {
  tracers: Tracer[] | undefined;
}

type Tracer = (line: number, column: number, onward?: boolean) => { line: number; column: number } | undefined;

const scripts = new Map<string, Script>();
const framesOf = new WeakMap<object, StackFrame[]>();
const kernelFolder = fileURLToPath(new URL('..', import.meta.url));

/** Remembers a script, so that places in it can be traced back. */
export function rememberCell({
  url,
  cell,
  count,
  source,
  maps,
}: Pick<CompiledCell, 'url' | 'cell' | 'count' | 'source' | 'maps'>): void {
  scripts.set(url, { cell, count, source, maps, tracers: undefined });
  if (scripts.size > REMEMBERED) {
    const oldest = scripts.keys().next();
    if (!oldest.done) scripts.delete(oldest.value);
  }
}

/** The way back to the source of a file that was compiled, by what V8 calls its script. */
const modules = new Map<string, { maps: SourceMappings[]; tracers: Tracer[] | undefined }>();

/** Remembers how a file of the user's was compiled. CommonJS is known by its path, other modules by their URL. */
export function rememberModule(url: string, path: string, maps: SourceMappings[]): void {
  const module = { maps, tracers: undefined };
  modules.set(url, module);
  modules.set(path, module);
}

/** A place in a file as V8 runs it → the place in the file as it was written. */
function inFile(script: string, line: number, column: number): { line: number; column: number } {
  const module = modules.get(script);
  if (!module) return { line, column };
  module.tracers ??= module.maps.map(tracer);
  return follow(module.tracers, line, column) ?? { line, column };
}

function follow(
  tracers: Tracer[],
  line: number,
  column: number,
  onward = false,
): { line: number; column: number } | undefined {
  let place: { line: number; column: number } | undefined = { line, column };
  for (const [index, trace] of tracers.entries()) {
    place = place && trace(place.line, place.column, onward && index === 0);
  }
  return place;
}

/**
 * A place in a cell's script (1-based) → the place in the cell, with the script it is in. `onward`: what only the compiler
 * has written there leads to what comes next, and not to what came before.
 */
export function locate(
  url: string,
  line: number,
  column: number,
  onward = false,
): { frame: StackFrame; count: number } | undefined {
  const script = scripts.get(url);
  if (!script) return undefined;
  script.tracers ??= script.maps.map(tracer);
  const place = follow(script.tracers, line, column, onward);
  return place && { frame: { cell: script.cell, ...asRead(script.source, place) }, count: script.count };
}

/** To JavaScript a line also ends where an editor sees an odd character. */
function asRead(source: string, place: { line: number; column: number }): { line: number; column: number } {
  if (!/[\u2028\u2029]|\r(?!\n)/.test(source)) return place;
  let start = 0;
  const ends = source.matchAll(/\r\n|[\n\r\u2028\u2029]/g);
  for (let line = 1; line < place.line; line++) {
    const end = ends.next();
    if (end.done) break;
    start = end.value.index + end.value[0].length;
  }
  return lineAndColumn(source, Math.min(source.length, start + place.column - 1));
}

function tracer(map: SourceMappings): Tracer {
  const {
    TraceMap,
    originalPositionFor,
    GREATEST_LOWER_BOUND,
    LEAST_UPPER_BOUND,
  }: typeof import('@jridgewell/trace-mapping') = require('@jridgewell/trace-mapping');
  const traced = new TraceMap(map);
  const biases = [GREATEST_LOWER_BOUND, LEAST_UPPER_BOUND] as const;
  return (line, column, onward = false) => {
    for (const bias of onward ? biases.toReversed() : biases) {
      const found = originalPositionFor(traced, { line, column: column - 1, bias });
      if (found.line !== null) return { line: found.line, column: found.column + 1 };
    }
    return undefined;
  };
}

/** The source that a frame points into: a cell's latest source as it ran, or a file's text. */
export function sourceOf(frame: StackFrame): string | undefined {
  if (frame.cell !== undefined) {
    let source: string | undefined;
    for (const script of scripts.values()) if (script.cell === frame.cell) source = script.source;
    return source;
  }
  try {
    return frame.file === undefined ? undefined : readFileSync(frame.file, 'utf8');
  } catch {
    return undefined;
  }
}

/** The user's own frames of an error, innermost first. */
export function userFrames(error: object): StackFrame[] {
  // Reading the stack is what makes V8 call `prepareStackTrace` below.
  const stack: unknown = Reflect.get(error, 'stack');
  const known = framesOf.get(error);
  if (known && known.length > 0) return known;
  return typeof stack === 'string' ? parseFrames(stack) : [];
}

/** Where Node found a module that names an export which another does not have: it heads the stack, as the module runs. */
export function linkPlace(error: Error): StackFrame | undefined {
  const [, url = '', line, indent] = /^(file:\/\/\S+):(\d+)\n.*\n( *)\^/.exec(String(error.stack)) ?? [];
  const path = pathOf(url);
  if (indent === undefined || isKernel(path) || !isUsers(path)) return undefined;
  return { file: path, ...inFile(url, Number(line), indent.length + 1) };
}

/** Says where an error came from that has no frame of the user's. */
export function attachFrames(error: object, frames: readonly StackFrame[]): void {
  if (userFrames(error).length === 0) framesOf.set(error, [...frames]);
}

/** Says where an error came from that only knows who led there. */
export function prependFrame(error: object, frame: StackFrame): void {
  framesOf.set(error, [frame, ...userFrames(error)].slice(0, MOST_FRAMES));
}

/** Runs what may fail deep inside of Node, further from the user's code than V8 looks: then its caller is the place. */
export function inCallersName<T>(work: () => T): T {
  const place = new Error('place');
  try {
    return work();
  } catch (error) {
    if (typeof error === 'object' && error !== null) attachFrames(error, userFrames(place));
    throw error;
  }
}

/** From now on `error.stack` names cells. `guard` runs what cells must not get in the way of. */
export function installStackTraces(guard: <T>(work: () => T) => T = (work) => work()): void {
  Error.prepareStackTrace = (error: Error, sites: NodeJS.CallSite[]): string => guard(() => stackText(error, sites));
}

function stackText(error: Error, sites: NodeJS.CallSite[]): string {
  const frames: StackFrame[] = [];
  let text = header(error);
  let caller = false;
  for (const site of sites) {
    // A loop's own function stands for the top level, which called it.
    const skip: boolean = caller;
    caller = site.getFunctionName() === LOOP_FUNCTION;
    if (skip) continue;
    const line = frameLine(site, frames);
    if (line !== undefined) text += `\n    at ${line}`;
  }
  framesOf.set(error, frames.slice(0, MOST_FRAMES));
  return text;
}

function header(error: Error): string {
  try {
    return Error.prototype.toString.call(error);
  } catch {
    return 'Error';
  }
}

function frameLine(site: NodeJS.CallSite, frames: StackFrame[]): string | undefined {
  const file = site.getFileName() || site.getScriptNameOrSourceURL();
  const line = site.getLineNumber();
  const column = site.getColumnNumber();
  if (!file || line === null || column === null) return undefined;
  const name = nameOf(site);
  const say = (place: string): string => (name === undefined ? place : `${name} (${place})`);
  if (file.startsWith(CELL_URL)) {
    const found = locate(file, line, column);
    if (!found) return say(`an earlier cell:${line}:${column}`);
    frames.push(name === undefined ? found.frame : { ...found.frame, name });
    return say(`cell [${found.count}]:${found.frame.line}:${found.frame.column}`);
  }
  if (file.startsWith('node:')) return undefined;
  const path = pathOf(file);
  if (isKernel(path)) return undefined;
  const place = inFile(file, line, column);
  if (isUsers(path)) frames.push({ file: path, ...place, ...(name === undefined ? {} : { name }) });
  return say(`${path}:${place.line}:${place.column}`);
}

function nameOf(site: NodeJS.CallSite): string | undefined {
  const name = site.getFunctionName()?.slice(0, LONGEST_NAME);
  if (!name || name === LOOP_FUNCTION) return undefined;
  if (site.isConstructor()) return `new ${name}`;
  const type = site.isToplevel() ? null : site.getTypeName();
  return type && type !== 'Object' && !name.includes('.') ? `${type}.${name}` : name;
}

const pathOf = (file: string): string => (file.startsWith('file:') ? fileURLToPath(file) : file);
const isKernel = (path: string): boolean => path.startsWith(kernelFolder);
const isUsers = (path: string): boolean => /^(\/|[A-Za-z]:)/.test(path) && !path.includes(`${sep}node_modules${sep}`);

/** A frame as V8 writes it, with the function of a loop if it is that. */
const IN_STACK = new RegExp(`(${LOOP_FUNCTION} \\()?((?:${CELL_URL}|file:\\/\\/)[^\\s():]+):(\\d+)(?::(\\d+))?`, 'g');

/** Frames of a stack that V8 wrote before we could, or that came as text from elsewhere. */
function parseFrames(stack: string): StackFrame[] {
  const frames: StackFrame[] = [];
  let caller = false;
  for (const [, loop, url = '', line, column] of stack.matchAll(IN_STACK)) {
    const skip: boolean = caller;
    caller = loop !== undefined;
    if (skip) continue;
    if (url.startsWith(CELL_URL)) {
      const found = locate(url, Number(line), Number(column ?? 1));
      if (found) frames.push(found.frame);
    } else {
      const path = pathOf(url);
      if (!isKernel(path) && isUsers(path))
        frames.push({ file: path, ...inFile(url, Number(line), Number(column ?? 1)) });
    }
  }
  return frames.slice(0, MOST_FRAMES);
}
