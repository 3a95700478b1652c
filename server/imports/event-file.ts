/**
 * Events of TensorBoard: Event, Summary and the data of the hparams plugin, as far as a trial can show them
 * (tensorflow/core/util/event.proto, framework/summary.proto; tensorboard/plugins/hparams/plugin_data.proto).
 */
import { PbfReader } from 'pbf';
import { readTensor, type Tensor } from './tensor.ts';

export interface EventFileEvent {
  /** Seconds since the epoch. */
  wall: number;
  step: number;
  values: SummaryValue[];
  /** The run was begun again at this step: what came before of it and later steps does not count. */
  restarted: boolean;
}

export interface SummaryValue {
  tag: string;
  /** Which plugin shows it; said with the first value of a tag only. */
  plugin: string | undefined;
  /** Data of the plugin. */
  content: Uint8Array | undefined;
  simple: number | undefined;
  tensor: Tensor | undefined;
  image: { width: number; height: number; bytes: Uint8Array } | undefined;
  histogram: { min: number; max: number; limits: number[]; counts: number[] } | undefined;
}

/** @throws Error when the bytes are no Event */
export function readEvent(bytes: Uint8Array): EventFileEvent {
  return new PbfReader(bytes).readFields(eventField, { wall: 0, step: 0, values: [], restarted: false });
}

/** Where a message that begins here ends. */
const endOf = (reader: PbfReader): number => reader.readVarint() + reader.pos;

function eventField(tag: number, event: EventFileEvent, reader: PbfReader): void {
  if (tag === 1) event.wall = reader.readDouble();
  else if (tag === 2) event.step = reader.readVarint(true);
  else if (tag === 5) reader.readFields(summaryField, event.values, endOf(reader));
  else if (tag === 7) event.restarted = reader.readFields(sessionField, { status: 0 }, endOf(reader)).status === 1;
}

function sessionField(tag: number, session: { status: number }, reader: PbfReader): void {
  if (tag === 1) session.status = reader.readVarint();
}

function summaryField(tag: number, values: SummaryValue[], reader: PbfReader): void {
  if (tag !== 1) return;
  const none = undefined;
  const value = { tag: '', plugin: none, content: none, simple: none, tensor: none, image: none, histogram: none };
  values.push(reader.readFields<SummaryValue>(valueField, value, endOf(reader)));
}

function valueField(tag: number, value: SummaryValue, reader: PbfReader): void {
  if (tag === 1) value.tag = reader.readString();
  else if (tag === 2) value.simple = reader.readFloat();
  else if (tag === 4) {
    value.image = reader.readFields(imageField, { width: 0, height: 0, bytes: new Uint8Array(0) }, endOf(reader));
  } else if (tag === 5) {
    value.histogram = reader.readFields(histogramField, { min: 0, max: 0, limits: [], counts: [] }, endOf(reader));
  } else if (tag === 8) value.tensor = readTensor(reader, endOf(reader));
  else if (tag === 9) reader.readFields(metadataField, value, endOf(reader));
}

function imageField(tag: number, image: NonNullable<SummaryValue['image']>, reader: PbfReader): void {
  if (tag === 1) image.height = reader.readVarint();
  else if (tag === 2) image.width = reader.readVarint();
  else if (tag === 4) image.bytes = reader.readBytes();
}

function histogramField(tag: number, histogram: NonNullable<SummaryValue['histogram']>, reader: PbfReader): void {
  if (tag === 1) histogram.min = reader.readDouble();
  else if (tag === 2) histogram.max = reader.readDouble();
  else if (tag === 6) reader.readPackedDouble(histogram.limits);
  else if (tag === 7) reader.readPackedDouble(histogram.counts);
}

function metadataField(tag: number, value: SummaryValue, reader: PbfReader): void {
  if (tag !== 1) return;
  reader.readFields(pluginField, value, endOf(reader));
}

function pluginField(tag: number, value: SummaryValue, reader: PbfReader): void {
  if (tag === 1) value.plugin = reader.readString();
  else if (tag === 2) value.content = reader.readBytes();
}

/** What the hparams plugin says of a run's parameters. */
export function readHparams(content: Uint8Array): Record<string, unknown> {
  return new PbfReader(content).readFields(hparamsField, {});
}

function hparamsField(tag: number, params: Record<string, unknown>, reader: PbfReader): void {
  // session_start_info
  if (tag === 3) reader.readFields(startField, params, endOf(reader));
}

function startField(tag: number, params: Record<string, unknown>, reader: PbfReader): void {
  if (tag !== 1) return;
  const entry = reader.readFields(entryField, { key: '', value: null as unknown }, endOf(reader));
  params[entry.key] = entry.value;
}

function entryField(tag: number, entry: { key: string; value: unknown }, reader: PbfReader): void {
  if (tag === 1) entry.key = reader.readString();
  else if (tag === 2)
    entry.value = reader.readFields(structValueField, { value: null as unknown }, endOf(reader)).value;
}

/** google.protobuf.Value */
function structValueField(tag: number, held: { value: unknown }, reader: PbfReader): void {
  if (tag === 2) held.value = reader.readDouble();
  else if (tag === 3) held.value = reader.readString();
  else if (tag === 4) held.value = reader.readBoolean();
  else if (tag === 6) held.value = reader.readFields(listField, [] as unknown[], endOf(reader));
}

function listField(tag: number, list: unknown[], reader: PbfReader): void {
  if (tag === 1) list.push(reader.readFields(structValueField, { value: null as unknown }, endOf(reader)).value);
}
