/**
 * Training: ours beside PyTorch from Debian, taking turns step by step, so that what else the machine does hits both, and
 * in several pairs of processes one after the other. Of rows of two threads those pairs count during which the machine gave
 * two whole cores (`cores.ts`).
 * `npm run -s bench -- train ROW…` measures these rows only; a model's name stands for all of its rows.
 */
import { quantile, type Row, report } from '../report.ts';
import { secondCore } from './cores.ts';
import type { ModelName } from './models.ts';
import { blasCore, ours, processor, type Side, torch } from './sides.ts';

/** How much of PyTorch's time ours may take, and how many steps make one turn. */
const SUBJECTS: Record<ModelName, { share: number; turn: number; turns: number }> = {
  mlp: { share: 0.7, turn: 30, turns: 6 },
  cnn: { share: 0.85, turn: 6, turns: 6 },
  resnet1d: { share: 1.2, turn: 2, turns: 6 },
  lstm: { share: 1.2, turn: 3, turns: 6 },
  transformer: { share: 1.2, turn: 2, turns: 5 },
  logistic: { share: 1.2, turn: 300, turns: 6 },
};
/** Pairs of processes for each row. */
const PAIRS = 3;
/** For a row of two threads, how many are tried at most, and how much of a second core there has to be before and after. */
const MOST_PAIRS = 10;
const SECOND_CORE = 0.75;
const MODELS = ['mlp', 'cnn', 'resnet1d', 'lstm', 'transformer', 'logistic'] as const;
const MEMORY_SHARE = 1.5;
const EPOCH_SHARE = 1.2;
const COMPILE_GOAL = 300;
const TIMES = 3;

export default async function measure(): Promise<boolean> {
  const asked = process.argv.slice(3);
  const wanted = (model: string, row: string): boolean =>
    asked.length === 0 || asked.includes(model) || asked.includes(row);
  const rows: Row[] = [];
  for (const model of MODELS) {
    for (const threads of [1, 2]) {
      const name = `${model}-t${threads}`;
      if (wanted(model, name)) rows.push(...(await steps(name, model, threads)));
    }
  }
  if (wanted('compile', 'compile')) rows.push(await compile());
  if (wanted('epoch', 'epoch')) rows.push(await epoch());
  if (rows.length === 0) throw new Error(`there is no row ${asked.join(', ')}`);
  console.log(`${processor().name}, OpenBLAS core ${blasCore()}, medians of single steps`);
  return report('train', rows);
}

/** One pair of processes: ms of every step, ours and PyTorch's, and the most memory each ever held, in MB. */
interface Pair {
  times: [number[], number[]];
  peaks: [number, number];
}

/** Milliseconds of a step and, on two threads, the most memory either side ever held. */
async function steps(name: string, model: ModelName, threads: number): Promise<Row[]> {
  const pairs: Pair[] = [];
  const passed: Pair[] = [];
  for (let at = 0; pairs.length < PAIRS && at < MOST_PAIRS; at++) {
    const before = threads === 2 ? await secondCore() : 1;
    const one = await together(threads, (sides) => pair(sides, name, model, at === 0));
    const after = threads === 2 ? await secondCore() : 1;
    (Math.min(before, after) >= SECOND_CORE ? pairs : passed).push(one);
  }
  if (passed.length > 0) {
    console.log(
      `  the machine gave less than two cores during ${passed.length} of ${passed.length + pairs.length} pairs`,
    );
    // A row says something in any case.
    if (pairs.length === 0) pairs.push(...passed);
  }
  /** The median over the processes of what each took. */
  const of = (side: 0 | 1, figure: (one: Pair) => number): number => {
    const figures = pairs.map(figure);
    console.log(`  ${side === 0 ? 'ours' : 'PyTorch'}: ${figures.map((value) => value.toPrecision(4)).join(', ')}`);
    return quantile(figures, 0.5);
  };
  const ms = (side: 0 | 1): number => of(side, ({ times }) => quantile(times[side], 0.5));
  const rows = [row(name, 'ms', ms(0), ms(1), SUBJECTS[model].share)];
  if (threads === 2) {
    const peak = (side: 0 | 1): number => of(side, ({ peaks }) => peaks[side]);
    rows.push(row(`${model}-memory`, 'MB', peak(0), peak(1), MEMORY_SHARE));
  }
  return rows;
}

async function pair(sides: Side[], name: string, model: ModelName, tell: boolean): Promise<Pair> {
  const { turn, turns } = SUBJECTS[model];
  const about: string[] = [];
  for (const side of sides) about.push((await side.tell({ do: 'start', model })).about ?? '');
  if (tell) console.log(`${name}: ${about.join(' | ')}`);
  const first: number[] = [];
  const last: number[] = [];
  for (const [index, side] of sides.entries()) first[index] = (await side.tell({ do: 'steps', count: 1 })).loss ?? 0;
  for (const side of sides) await side.tell({ do: 'steps', count: Math.max(2, turn) });
  const times: Pair['times'] = [[], []];
  for (let at = 0; at < turns; at++) {
    for (const [index, side] of sides.entries()) {
      const { ms, loss } = await side.tell({ do: 'steps', count: turn });
      times[index]?.push(...(ms ?? []));
      last[index] = loss ?? Number.NaN;
    }
  }
  for (const [index, side] of ['ours', 'PyTorch'].entries()) {
    const [from = 0, to = Number.NaN] = [first[index], last[index]];
    if (!(to < from)) throw new Error(`${side} does not learn ${model}: its loss went from ${from} to ${to}`);
  }
  const peaks: number[] = [];
  for (const side of sides) peaks.push((await side.tell({ do: 'memory' })).peakMb ?? Number.NaN);
  return { times, peaks: [peaks[0] ?? Number.NaN, peaks[1] ?? Number.NaN] };
}

/** What the first step of the CNN takes beyond a warm one, each time in a new process. */
async function compile(): Promise<Row> {
  const extra: number[] = [];
  for (let time = 0; time < TIMES; time++) {
    const side = ours(2);
    try {
      await side.tell({ do: 'start', model: 'cnn' });
      const { ms = [] } = await side.tell({ do: 'steps', count: 12 });
      const [first = Number.NaN, ...rest] = ms;
      extra.push(first - quantile(rest, 0.5));
    } finally {
      side.stop();
    }
  }
  return { name: 'compile', unit: 'ms', ours: quantile(extra, 0.5), goal: COMPILE_GOAL };
}

/** From reading MNIST to the end of the MLP's first epoch over it, each time in new processes. */
async function epoch(): Promise<Row> {
  const times: number[][] = [[], []];
  for (let time = 0; time < TIMES; time++) {
    await together(2, async (sides) => {
      // Both have started and loaded what they need before either is timed.
      for (const side of sides) await side.tell({ do: 'memory' });
      for (const [index, side] of sides.entries()) {
        const { ms = [], loss } = await side.tell({ do: 'epoch' });
        times[index]?.push(...ms);
        if (time === 0) console.log(`epoch: ${index === 0 ? 'ours' : 'PyTorch'} mean loss ${loss?.toFixed(4)}`);
      }
    });
  }
  const [own = [], peer = []] = times;
  return row('epoch', 'ms', quantile(own, 0.5), quantile(peer, 0.5), EPOCH_SHARE);
}

async function together<T>(threads: number, work: (sides: Side[]) => Promise<T>): Promise<T> {
  const sides = [ours(threads), torch(threads)];
  try {
    return await work(sides);
  } finally {
    for (const side of sides) side.stop();
  }
}

const row = (name: string, unit: string, own: number, peer: number, share: number): Row => ({
  name,
  unit,
  ours: own,
  peer,
  goal: Number((peer * share).toPrecision(4)),
});
