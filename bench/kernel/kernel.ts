/**
 * Kernel: ours against Deno's and IPython's, all three behind ZeroMQ and driven by the same client, taking turns. A row's
 * goal is the best peer's figure in the same run; a kernel that cannot do a thing has no figure for it.
 */
import { quantile, type Row, report } from '../report.ts';
import { type Answered, JupyterClient } from './client.ts';
import { completionWithTypes, ourRoundtrip, warmPool } from './own.ts';
import { deno, ipykernel, type KernelSpec, ours } from './peers.ts';
import { LOOPS, SHAPES, TASKS } from './tasks.ts';

type Figures = Map<KernelSpec['name'], number[]>;

const STARTS = 7;
const ROUNDTRIPS = 300;
/** How many questions a kernel gets in a row, as from a notebook that is run from top to bottom. */
const IN_A_ROW = 10;
const CELLS = 10_000;
const TURNS = 3;
/** Kernels of each kind that are started to complete in: the first answer of each is one figure. */
const FIRSTS = 9;
/** How long a kernel rests before its memory is looked at, in ms. */
const REST_MS = 3000;
/** A kernel that does not obey an interrupt within this many ms has no figure. */
const PATIENCE = 5000;

/** What is measured, in order. `npm run bench -- kernel NAME…` runs only these groups. */
const GROUPS: Record<string, (specs: KernelSpec[]) => Promise<Row[]>> = {
  start: async (specs) => [row('start', 'ms', await turns(specs, STARTS, start), 0.5)],
  roundtrip: async (specs) => [
    { name: 'roundtrip', unit: 'ms', ours: await ourRoundtrip(ROUNDTRIPS), goal: 1 },
    ...(await roundtrips(specs)),
  ],
  cells: (specs) => cells(specs),
  stdout: async (specs) => [row('stdout-100k', 'ms', await turns(specs, TURNS, lines), 0.5)],
  interrupt: async (specs) => {
    const rows: Row[] = [];
    for (const loop of LOOPS) {
      rows.push(row(`interrupt-${loop.name}`, 'ms', await turns(specs, TURNS, (spec) => interrupt(spec, loop)), 0.5));
    }
    return rows;
  },
  hot: async (specs) => [row('hot-loop', 'ms', await turns(specs, TURNS, hot), 0.5), ...(await hotShapes(ours()))],
  completion: async (specs) => [...(await completions(specs)), ...(await completionWithTypes())],
  pool: async () => [await warmPool()],
};

export default async function measure(): Promise<boolean> {
  const specs = [ours(), deno(), ipykernel()];
  const asked = process.argv.slice(3);
  const rows: Row[] = [];
  for (const [name, group] of Object.entries(GROUPS)) {
    if (asked.length === 0 || asked.includes(name)) rows.push(...(await group(specs)));
  }
  return report('kernel', rows);
}

/** Lets the kernels take turns, so that what else the machine does hits all of them alike. */
async function turns(
  specs: KernelSpec[],
  times: number,
  task: (spec: KernelSpec) => Promise<number | undefined>,
): Promise<Figures> {
  const figures: Figures = new Map();
  for (let turn = 0; turn < times; turn++) {
    for (const spec of specs) {
      const figure = await task(spec);
      if (figure !== undefined) figures.set(spec.name, [...(figures.get(spec.name) ?? []), figure]);
    }
  }
  return figures;
}

/** Ours beside the better peer. `share`: how much of the peer's figure is the goal. */
function row(name: string, unit: string, figures: Figures, q: number, share = 1): Row {
  const of = (kernel: KernelSpec['name']): number | undefined => {
    const values = figures.get(kernel);
    return values && quantile(values, q);
  };
  const own = of('ours');
  if (own === undefined) throw new Error(`our kernel has no figure for ${name}`);
  const peers = [of('deno'), of('ipykernel')];
  console.log(
    `${name}: ours ${own.toFixed(2)}, deno ${peers[0]?.toFixed(2) ?? 'cannot'}, ipykernel ${peers[1]?.toFixed(2) ?? 'cannot'} ${unit}`,
  );
  const best = Math.min(...peers.filter((peer) => peer !== undefined));
  return Number.isFinite(best)
    ? { name, unit, ours: own, peer: best, goal: Number((best * share).toPrecision(4)) }
    : { name, unit, ours: own, goal: 100 };
}

async function withKernel<T>(spec: KernelSpec, work: (kernel: JupyterClient) => Promise<T>): Promise<T> {
  const kernel = await JupyterClient.start(spec);
  try {
    return await work(kernel);
  } finally {
    await kernel.stop();
  }
}

async function start(spec: KernelSpec): Promise<number> {
  const from = performance.now();
  return withKernel(spec, async (kernel) => {
    await kernel.execute(TASKS.one[spec.language]);
    return performance.now() - from;
  });
}

/** One question, alone and several in a row: after a pause all of a kernel's code is cold, and that of its client. */
async function roundtrips(specs: KernelSpec[]): Promise<Row[]> {
  const kernels = await Promise.all(specs.map((spec) => JupyterClient.start(spec)));
  await ask(kernels, 20, 1);
  const alone = await ask(kernels, ROUNDTRIPS, 1);
  const together = await ask(kernels, ROUNDTRIPS, IN_A_ROW);
  await Promise.all(kernels.map((kernel) => kernel.stop()));
  const peer = quantile(together.get('deno') ?? [], 0.5);
  const half = Number((peer / 2).toPrecision(4));
  return [
    row('roundtrip-zmq-alone', 'ms', alone, 0.5),
    { ...row('roundtrip-zmq', 'ms', together, 0.5), peer, goal: half },
  ];
}

/** Asks each kernel `times` times for `1+1`, in turns of `inARow` questions. */
async function ask(kernels: JupyterClient[], times: number, inARow: number): Promise<Figures> {
  const figures: Figures = new Map();
  for (let turn = 0; turn < times / inARow; turn++) {
    for (const kernel of kernels) {
      const own = figures.get(kernel.spec.name) ?? [];
      figures.set(kernel.spec.name, own);
      for (let index = 0; index < inARow; index++) {
        const { ms } = await kernel.execute(TASKS.one[kernel.spec.language]);
        own.push(ms);
      }
    }
  }
  return figures;
}

/** What a kernel lets go of when nothing is asked of it is not what its cells have cost. */
const atRest = (): Promise<void> => new Promise((go) => setTimeout(go, REST_MS));

/** Ten thousand cells one after the other: the time for all, and what the process has grown by. */
async function cells(specs: KernelSpec[]): Promise<Row[]> {
  const time: Figures = new Map();
  const memory: Figures = new Map();
  for (const spec of specs) {
    await withKernel(spec, async (kernel) => {
      const code = TASKS.cell[spec.language];
      // As when somebody opens a notebook and begins to type: a kernel makes itself ready meanwhile.
      await atRest();
      for (let index = 0; index < 100; index++) await kernel.execute(code(index));
      await atRest();
      const before = kernel.memory();
      const from = performance.now();
      for (let index = 0; index < CELLS; index++) await kernel.execute(code(index));
      time.set(spec.name, [performance.now() - from]);
      await atRest();
      memory.set(spec.name, [kernel.memory() - before]);
    });
  }
  return [row('cells-10k', 'ms', time, 0.5), row('memory-10k', 'MB', memory, 0.5)];
}

async function lines(spec: KernelSpec): Promise<number | undefined> {
  return withKernel(spec, async (kernel) => {
    const { ms, outputs } = await kernel.execute(TASKS.lines[spec.language]);
    const text = outputs.flatMap(({ type, content }) => (type === 'stream' ? [String(content.text)] : [])).join('');
    const complete = text.split('\n').length === 100_001 && text.endsWith('line 99999\n');
    if (!complete) console.log(`${spec.name} lost lines: ${text.split('\n').length - 1} of 100000 came`);
    return complete ? ms : undefined;
  });
}

async function interrupt(spec: KernelSpec, loop: (typeof LOOPS)[number]): Promise<number | undefined> {
  return withKernel(spec, async (kernel) => {
    await kernel.execute(spec.language === 'python' ? 'kept = 42' : 'let kept = 42;');
    const begun = kernel.printed('begun');
    const ended = kernel.execute(loop[spec.language]).catch(() => undefined);
    // A kernel that holds back what is printed before a long native call never says that it has begun.
    await Promise.race([begun, new Promise((resolve) => setTimeout(resolve, 1000))]);
    // Well inside the loop: an interrupt that meets the first line says nothing.
    await new Promise((resolve) => setTimeout(resolve, 200));
    const from = performance.now();
    await kernel.interrupt();
    const late = Symbol('late');
    const first = await Promise.race([ended, new Promise((resolve) => setTimeout(() => resolve(late), PATIENCE))]);
    const ms = performance.now() - from;
    if (first === undefined || first === late) return undefined;
    const after = await kernel.execute('kept').catch(() => undefined);
    return after?.outputs.some(({ content }) => JSON.stringify(content).includes('42')) ? ms : undefined;
  });
}

async function hot(spec: KernelSpec): Promise<number | undefined> {
  return withKernel(spec, async (kernel) => {
    return took(await kernel.execute(TASKS.hot[spec.language]));
  });
}

/** Loops over variables of the top level, each beside the same loop in a function: how many times longer it takes. */
async function hotShapes(spec: KernelSpec): Promise<Row[]> {
  const rows: Row[] = [];
  for (const { name, before, loop } of SHAPES) {
    const ratios: number[] = [];
    for (let turn = 0; turn < TURNS; turn++) {
      await withKernel(spec, async (kernel) => {
        const timed = `${before} const from = performance.now();\n${loop}\nconsole.log("took", performance.now() - from);`;
        const inside = took(await kernel.execute(`{ const run = () => { ${timed} }; run() }`));
        const top = took(await kernel.execute(timed));
        if (inside !== undefined && top !== undefined) ratios.push(top / inside);
      });
    }
    rows.push({ name: `hot-${name}`, unit: '×', ours: quantile(ratios, 0.5), goal: 1.3 });
  }
  return rows;
}

/** What a loop has said of its own time, in ms. */
function took({ outputs }: Answered): number | undefined {
  const text = outputs.map(({ content }) => String(content.text ?? '')).join('');
  const found = /took ([\d.]+)/.exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
}

/** First completion after the start of the kernel, and the median of the following ones. */
async function completions(specs: KernelSpec[]): Promise<Row[]> {
  const first: Figures = new Map();
  const warm: Figures = new Map();
  for (let turn = 0; turn < FIRSTS; turn++) {
    for (const spec of specs) {
      await withKernel(spec, async (kernel) => {
        const { before, code, expect } = TASKS.complete[spec.language];
        await kernel.execute(before);
        const ask = async (): Promise<number | undefined> => {
          const { ms, reply } = await kernel.complete(code);
          return Array.isArray(reply.matches) && reply.matches.some((match) => String(match).includes(expect))
            ? ms
            : undefined;
        };
        const one = await ask();
        if (one === undefined) return;
        first.set(spec.name, [...(first.get(spec.name) ?? []), one]);
        for (let index = 0; index < 15; index++) {
          const ms = await ask();
          if (ms !== undefined) warm.set(spec.name, [...(warm.get(spec.name) ?? []), ms]);
        }
      });
    }
  }
  return [row('completion-first', 'ms', first, 0.5), row('completion-warm', 'ms', warm, 0.5)];
}
