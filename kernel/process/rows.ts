/**
 * The two messages that come with every cell, as rows: V8 copies a row from one thread to the other in a third of the time
 * that an object takes, whose names it would write out and look up each time.
 */
import { Buffer } from 'node:buffer';
import type { ExecutionEnd } from '@trialroom/shared/kernel/protocol';
import type { CompiledCell } from '../cell/compile.ts';

/** What a thread needs to run a cell and to find the way back from its script. */
export type RunnableCell = Omit<CompiledCell, 'defines' | 'uses'>;

/**
 * A cell to run, for the main thread. It travels within a message: of a message that is an array itself, Node asks what a
 * cell may have laid traps on.
 */
export type RunRow = [
  execution: string,
  serial: number,
  plain: boolean,
  count: number,
  cell: string,
  url: string,
  source: string,
  script: string,
  ...mappings: string[],
];

/** Main thread → supervisor: an execution is over. What is still to be said of it, as JSON, `done` last. */
export type DoneRow = [op: 'done', execution: string, end: ExecutionEnd, ...texts: string[]];

/** `serial` counts the executions, from 1. */
export function runRow(execution: string, serial: number, cell: CompiledCell): RunRow {
  const { plain, count, cell: id, url, source, script, maps } = cell;
  const row: RunRow = [execution, serial, plain, count, id, url, source, script];
  for (const { mappings } of maps) row.push(mappings);
  return row;
}

/** The cell of a row. */
export function cellOf(row: RunRow): RunnableCell {
  const [, , plain, count, cell, url, source, script] = row;
  const maps: RunnableCell['maps'] = [];
  for (let index = FIRST_MAPPINGS; index < row.length; index++) {
    maps.push({ version: 3, names: [], sources: ['source'], mappings: String(row[index]) });
  }
  return { plain, count, cell, url, source, script, maps };
}

const FIRST_MAPPINGS = 8;
const HEADER = 8;

// Made once, before a cell can put something else in the place of its class.
const encoder = new TextEncoder();

/** Messages without a payload, each JSON, as frames (`shared/kernel/framing.ts`) in one piece of memory. */
export function framesOf(texts: readonly string[]): Uint8Array {
  let size = 0;
  for (const text of texts) size += frameSize(text);
  const frames = new Uint8Array(size);
  const view = new DataView(frames.buffer);
  let at = 0;
  for (const text of texts) {
    const bytes = encoder.encode(text);
    view.setUint32(at, bytes.length, true);
    frames.set(bytes, at + HEADER);
    at += HEADER + bytes.length;
  }
  return frames;
}

/** Length of the frame of a message without a payload, in bytes. */
export const frameSize = (text: string): number => HEADER + Buffer.byteLength(text);
