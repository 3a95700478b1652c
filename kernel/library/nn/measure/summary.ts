/** A model at a glance: what each layer gives, learns, computes and keeps in memory. */
import type { LayersModel } from '@tensorflow/tfjs';
import { flowsOf, sizeOf } from '../../../backend/guard/flow.ts';
import { DISPLAY } from '../../../display/bundle.ts';
import type { Displayable } from '../../../display/display.ts';
import { tableBundle } from '../../../display/table.ts';
import { flopsOf, shapesOf } from './flops.ts';
import { parameters } from './parameters.ts';

/** Options of {@link summary}. */
export interface SummaryOptions {
  /** Examples in a batch, for the memory of what flows; 32 when not given. */
  batchSize?: number;
  /** Shape of one input, or of each, without the batch; needed where the model leaves a length open. */
  inputShape?: readonly number[] | readonly (readonly number[])[];
}

/** One layer. */
export interface LayerSummary {
  name: string;
  kind: string;
  /** Shapes of what it gives, without the batch. */
  outputs: number[][];
  parameters: number;
  trainable: number;
  /** Operations for one example; undefined where the kind of layer is not known. */
  flops: number | undefined;
  /** Bytes of what it gives, for a batch. */
  activationBytes: number;
}

/** What {@link summary} gives: figures, which show themselves as a table. */
export interface ModelSummary extends Displayable {
  name: string;
  batchSize: number;
  layers: LayerSummary[];
  parameters: { total: number; trainable: number; frozen: number; bytes: number };
  /** Operations of a forward pass of one example; see `nn.flops` for how they are counted. */
  flops: number;
  /** Bytes of all that flows forward in a batch, which a step of training keeps until its gradients are there. */
  activationBytes: number;
}

/**
 * Describes a model, layer by layer. As the last expression of a cell it is shown as a table.
 * @throws RangeError when an input shape does not fit the model
 */
export function summary(model: LayersModel, { batchSize = 32, inputShape }: SummaryOptions = {}): ModelSummary {
  const inputs = shapesOf(inputShape).map((shape) => [1, ...shape]);
  const counted = new Map(parameters(model).layers.map((layer) => [layer.name, layer]));
  const seen = new Set<string>();
  const layers = flowsOf(model, inputs).map((flow): LayerSummary => {
    const { layer, outputs } = flow;
    // A layer that is used again learns nothing more.
    const own = seen.has(layer.name) ? undefined : counted.get(layer.name);
    seen.add(layer.name);
    return {
      name: layer.name,
      kind: layer.getClassName(),
      outputs: outputs.map((shape) => shape.slice(1)),
      parameters: own?.total ?? 0,
      trainable: own?.trainable ?? 0,
      flops: flopsOf(flow).flops,
      activationBytes: outputs.reduce((sum, shape) => sum + sizeOf(shape), 0) * 4 * batchSize,
    };
  });
  const { total, trainable, frozen, bytes } = parameters(model);
  const made = {
    name: model.name,
    batchSize,
    layers,
    parameters: { total, trainable, frozen, bytes },
    flops: layers.reduce((sum, layer) => sum + (layer.flops ?? 0), 0),
    activationBytes: layers.reduce((sum, layer) => sum + layer.activationBytes, 0),
  };
  return Object.defineProperty({ ...made, [DISPLAY]: () => shown(made) }, DISPLAY, { enumerable: false });
}

function shown(made: Omit<ModelSummary, typeof DISPLAY>): Record<string, unknown> {
  const { layers, parameters: own, batchSize } = made;
  const flowing = `activations, batch of ${batchSize}`;
  const rows = layers.map((layer) => ({
    layer: layer.name,
    kind: layer.kind,
    output: layer.outputs.map((shape) => `[${shape.join(', ')}]`).join(' '),
    parameters: layer.parameters,
    FLOPs: layer.flops === undefined ? 'not known' : countOf(layer.flops),
    [flowing]: bytesOf(layer.activationBytes),
  }));
  const total = {
    layer: 'total',
    kind: `${layers.length} layers`,
    output: `${own.trainable.toLocaleString('en-US')} trainable, ${own.frozen.toLocaleString('en-US')} frozen`,
    parameters: own.total,
    FLOPs: countOf(made.flops),
    [flowing]: bytesOf(made.activationBytes),
  };
  const { data } = tableBundle([...rows, total], rows.length + 1);
  return { ...data, 'text/plain': textOf(made.name, [...rows, total], bytesOf(own.bytes)) };
}

/** All rows: a terminal scrolls, and the total is at the end. */
function textOf(name: string, rows: readonly Readonly<Record<string, string | number>>[], weights: string): string {
  const columns = Object.keys(rows[0] ?? {});
  const cells = [columns, ...rows.map((row) => columns.map((column) => (row[column] ?? '').toLocaleString('en-US')))];
  const widths = columns.map((_, index) => Math.max(...cells.map((row) => row[index]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((text, index) => (index < 3 ? text.padEnd(widths[index] ?? 0) : text.padStart(widths[index] ?? 0)))
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '─'.repeat(width)).join('  ');
  const [head = [], ...body] = cells;
  return [
    `${name} · weights ${weights}`,
    line(head),
    rule,
    ...body.slice(0, -1).map(line),
    rule,
    line(body.at(-1) ?? []),
  ].join('\n');
}

/** `1.83 G`: a count with three digits. */
export const countOf = (count: number): string => scaled(count, 1000, ['', 'k', 'M', 'G', 'T', 'P']);
/** `12.3 MB`: bytes with three digits, in powers of 1024. */
export const bytesOf = (bytes: number): string => scaled(bytes, 1024, ['B', 'kB', 'MB', 'GB', 'TB']);

function scaled(value: number, base: number, units: readonly string[]): string {
  let [at, rest] = [0, value];
  for (; rest >= base && at < units.length - 1; at++) rest /= base;
  const digits = at === 0 ? String(rest) : rest.toPrecision(rest >= 1000 ? 4 : 3);
  return `${digits} ${units[at]}`.trim();
}
