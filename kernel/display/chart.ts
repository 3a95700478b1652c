/**
 * A line chart that grows while the cell runs. It is displayed once and then updated at a rate that both the network and
 * the page can bear: the longer the chart, the rarer; the last state is always sent before the execution ends.
 */
import { clearTimeout, setTimeout } from 'node:timers';
import { MIME } from '@trialroom/shared/notebook/mime';
import type { ChartData } from '@trialroom/shared/notebook/outputs';
import { host } from '../process/host.ts';
import { DISPLAY } from './bundle.ts';
import { clearBeforeOutput } from './clear.ts';
import { newDisplayId } from './ids.ts';

/** Options of {@link chart}. */
export interface ChartOptions {
  title?: string;
  /** Name of the x axis, e.g. `step`. */
  xLabel?: string;
}

const UPDATE_MS = 100;
/** Time between updates is at least this many times the cost of one. */
const SHARE = 20;

const open = new Map<string, Set<Chart>>();
let listening = false;

/** A live chart; made by {@link chart}. */
export class Chart {
  readonly id = newDisplayId();
  #options: ChartOptions;
  #x: number[] = [];
  #series = new Map<string, (number | null)[]>();
  #shown = false;
  #sent = 0;
  #pause = UPDATE_MS;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ChartOptions) {
    this.#options = options;
  }

  /**
   * Adds one point to each series named. A series that a push does not name has a gap there.
   * @example c.push(step, { loss, accuracy })
   */
  push(x: number, values: Readonly<Record<string, number>>): this {
    const length = this.#x.push(x);
    for (const [name, value] of Object.entries(values)) {
      const y = this.#series.get(name) ?? new Array<number | null>(length - 1).fill(null);
      this.#series.set(name, y);
      y.push(Number.isFinite(value) ? value : null);
    }
    for (const y of this.#series.values()) if (y.length < length) y.push(null);
    this.#changed();
    return this;
  }

  /** The whole chart as data. */
  data(): ChartData {
    const { title, xLabel } = this.#options;
    return {
      ...(title === undefined ? {} : { title }),
      ...(xLabel === undefined ? {} : { xLabel }),
      x: this.#x,
      series: Array.from(this.#series, ([name, y]) => ({ name, y })),
    };
  }

  /** Sends what has not been sent yet. */
  flush(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#send();
  }

  /** The chart is in its place already; as a last expression it adds nothing. */
  [DISPLAY](): Record<string, unknown> {
    if (!this.#shown) return this.#bundle();
    this.flush();
    return {};
  }

  #changed(): void {
    const kernel = host();
    if (!kernel) return;
    const elapsed = performance.now() - this.#sent;
    if (!this.#shown || elapsed >= this.#pause) {
      if (this.#timer !== undefined) clearTimeout(this.#timer);
      this.#timer = undefined;
      this.#send();
    } else {
      this.#timer ??= setTimeout(() => this.flush(), this.#pause - elapsed);
    }
    const execution = kernel.execution();
    if (execution !== undefined) remember(execution, this);
  }

  #send(): void {
    const kernel = host();
    if (!kernel) return;
    const begun = performance.now();
    if (this.#shown) kernel.update(this.id, this.#bundle());
    else {
      clearBeforeOutput();
      kernel.display(this.#bundle(), {}, this.id);
    }
    this.#shown = true;
    this.#sent = performance.now();
    this.#pause = Math.max(UPDATE_MS, (this.#sent - begun) * SHARE);
  }

  #bundle(): Record<string, unknown> {
    const lines = Array.from(
      this.#series,
      ([name, y]) => `${name}: ${y.length} points, last ${y.at(-1) ?? 'not finite'}`,
    );
    return {
      [MIME.chart]: this.data(),
      'text/plain': [this.#options.title, ...lines].filter(Boolean).join('\n') || 'Empty chart',
    };
  }
}

function remember(execution: string, chart: Chart): void {
  if (!listening) {
    listening = true;
    host()?.onEnd((ended) => {
      for (const each of open.get(ended) ?? []) each.flush();
      open.delete(ended);
    });
  }
  const charts = open.get(execution);
  if (charts) charts.add(chart);
  else open.set(execution, new Set([chart]));
}

/**
 * Makes a live line chart; it appears with its first point.
 * @example
 * const c = chart({ title: 'Loss' });
 * for (let step = 0; step < 100; step++) c.push(step, { loss: 1 / (step + 1) });
 */
export const chart = (options: ChartOptions = {}): Chart => new Chart(options);
