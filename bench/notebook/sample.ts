/** A notebook as people have them, of any length: prose with maths, code, and outputs of the kinds that code leaves behind. */
import { writeFile } from 'node:fs/promises';
import { MIME } from '@trialroom/shared/notebook/mime';

type Cell = Record<string, unknown>;

const lines = (text: string): string[] => text.split(/(?<=\n)/);

const prose = (id: string, source: string): Cell => ({
  cell_type: 'markdown',
  id,
  metadata: {},
  source: lines(source),
});

const code = (id: string, count: number, source: string, outputs: Cell[]): Cell => ({
  cell_type: 'code',
  execution_count: count,
  id,
  metadata: {},
  outputs,
  source: lines(source),
});

const result = (count: number, data: Record<string, unknown>): Cell => ({
  output_type: 'execute_result',
  data,
  metadata: {},
  execution_count: count,
});

const printed = (text: string): Cell => ({ output_type: 'stream', name: 'stdout', text: lines(text) });

/** A curve that falls and wobbles, the same each time. */
const curve = (points: number, phase: number): number[] =>
  Array.from({ length: points }, (_, step) => Math.exp(-step / 60) + 0.05 * Math.sin(step * 0.7 + phase));

const KINDS: readonly ((id: string, index: number) => Cell)[] = [
  (id, index) =>
    prose(
      id,
      `## Part ${index / 10 + 1}\n\nWe fit $y = \\sigma(Wx + b)$ again, with a *smaller* step. The loss is\n\n$$L = -\\sum_i y_i \\log p_i$$\n\nand is expected to fall below **0.1** after a few epochs.\n`,
    ),
  (id, index) =>
    code(
      id,
      index,
      `import { trial } from 'trialroom';\n\nconst rate${index} = 0.003;\nconst epochs${index} = 12;\n\nfunction decay${index}(step: number): number {\n  // Halved every thousand steps.\n  return rate${index} * 0.5 ** (step / 1000);\n}\n`,
      [],
    ),
  (id, index) =>
    code(
      id,
      index,
      `for (let epoch = 1; epoch <= 8; epoch++) {\n  console.log(\`epoch \${epoch} loss \${(1 / epoch).toFixed(4)}\`);\n}`,
      [printed(Array.from({ length: 8 }, (_, at) => `epoch ${at + 1} loss ${(1 / (at + 1)).toFixed(4)}\n`).join(''))],
    ),
  (id, index) =>
    code(id, index, `rows${index}.slice(0, 100)`, [
      result(index, {
        [MIME.table]: {
          columns: [
            { name: 'id', type: 'number' },
            { name: 'name', type: 'string' },
            { name: 'score', type: 'number' },
            { name: 'kept', type: 'boolean' },
          ],
          rows: Array.from({ length: 100 }, (_, at) => [at, `sample ${at}`, Math.sin(at) * 100, at % 3 === 0]),
          total: 100,
        },
        'text/plain': '100 rows of 4 columns',
      }),
    ]),
  (id, index) =>
    code(id, index, `const { loss, accuracy } = history${index};\nchart({ loss, accuracy });`, [
      {
        output_type: 'display_data',
        metadata: {},
        data: {
          [MIME.chart]: {
            title: `run ${index}`,
            xLabel: 'step',
            x: Array.from({ length: 400 }, (_, step) => step),
            series: [
              { name: 'loss', y: curve(400, index) },
              { name: 'validation', y: curve(400, index + 2) },
            ],
          },
          'text/plain': 'chart: loss, validation',
        },
      },
    ]),
  (id) =>
    prose(
      id,
      'What the curve says:\n\n- it falls at once, then slowly;\n- validation follows, with a gap of `0.02`;\n- see [the paper](https://example.org/paper) for why.\n\n| epoch | loss |\n| --- | --- |\n| 1 | 0.91 |\n| 2 | 0.52 |\n',
    ),
  (id, index) =>
    code(
      id,
      index,
      `class Sampler${index} {\n  #seed: number;\n  constructor(seed: number) {\n    this.#seed = seed;\n  }\n  /** The next of them, 0 to 1. */\n  next(): number {\n    this.#seed = (this.#seed * 1664525 + 1013904223) % 2 ** 32;\n    return this.#seed / 2 ** 32;\n  }\n}\nnew Sampler${index}(${index}).next()`,
      [result(index, { 'text/plain': '0.23796462709189137' })],
    ),
  (id, index) =>
    code(id, index, `summary${index}`, [
      result(index, {
        'application/json': { layers: [{ units: 128 }, { units: 10 }], parameters: 101_770, trainable: true },
        'text/plain': '{ layers: [ [Object], [Object] ], parameters: 101770, trainable: true }',
      }),
    ]),
  (id, index) =>
    code(id, index, `const picked = rows${index}.filter(({ score }) => score > limit);\npicked.length`, [
      {
        output_type: 'error',
        ename: 'ReferenceError',
        evalue: `rows${index} is not defined`,
        traceback: [`ReferenceError: rows${index} is not defined`, `    at <top> (cell ${id}:1:16)`],
      },
    ]),
  (id, index) =>
    code(id, index, `await model${index}.fit(train, { epochs: epochs, batchSize: 128 });`, [
      printed(Array.from({ length: 30 }, (_, at) => `step ${at * 100} · loss ${(1 / (at + 1)).toFixed(5)}\n`).join('')),
    ]),
];

/** Id of the cell at this place, from 0. */
export const idAt = (index: number): string => `cell-${index}`;

/** Writes a notebook of `count` cells. */
export async function writeSample(path: string, count: number): Promise<void> {
  const cells = Array.from({ length: count }, (_, index) => KINDS[index % KINDS.length]?.(idAt(index), index));
  const notebook = {
    cells,
    metadata: {
      kernelspec: { display_name: 'TypeScript (Trialroom)', language: 'typescript', name: 'trialroom' },
      language_info: { name: 'typescript' },
    },
    nbformat: 4,
    nbformat_minor: 5,
  };
  await writeFile(path, `${JSON.stringify(notebook, null, 1)}\n`);
}
