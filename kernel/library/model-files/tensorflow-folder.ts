/**
 * TensorFlow.js's own format: a folder with `model.json`, which describes the model and names the files that hold the
 * weights. The weights' file has their hash in its name and comes first; `model.json` then takes the place of the one
 * before in one step. So there is never a description with the weights of another.
 */
import { readdir, readFile, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { sha256, writeWhole } from './atomic.ts';
import { BadModelFile } from './safetensors.ts';

/** A weight as `model.json` describes it. */
export type WeightEntry = z.infer<typeof WeightEntry>;
const WeightEntry = z.looseObject({
  name: z.string(),
  shape: z.array(z.number().int().min(0)),
  dtype: z.enum(['float32', 'int32', 'bool']),
  quantization: z
    .looseObject({
      scale: z.number().optional(),
      min: z.number().optional(),
      dtype: z.enum(['uint16', 'uint8', 'float16']),
    })
    .optional(),
});
const Manifest = z.array(z.looseObject({ paths: z.array(z.string()), weights: z.array(WeightEntry) }));
const Description = z.looseObject({
  modelTopology: z.record(z.string(), z.unknown()),
  weightsManifest: Manifest.default([]),
  format: z.string().optional(),
});

/** A model as it lies in a folder. */
export interface FolderModel {
  topology: Readonly<Record<string, unknown>>;
  weights: readonly WeightEntry[];
  /** Of all weights, one after the other. */
  bytes: Uint8Array;
}

/** Bytes of one number, as it is stored. */
const WIDTHS = { float32: 4, int32: 4, bool: 1, uint16: 2, uint8: 1, float16: 2 } as const;
const bytesOf = ({ shape, dtype, quantization }: WeightEntry): number =>
  shape.reduce((product, length) => product * length, WIDTHS[quantization?.dtype ?? dtype]);

/** The writer that each folder waits for: two at once would take each other's weights for old ones. */
const writers = new Map<string, Promise<unknown>>();

/**
 * Writes a model into a folder, in place of one that is there.
 * @returns the hash of `model.json`, which holds that of the weights, and how many bytes all of it has
 */
export function writeFolder(folder: string, model: FolderModel): Promise<{ sha256: string; bytes: number }> {
  const place = resolve(folder);
  const turn = (writers.get(place) ?? Promise.resolve()).catch(() => {}).then(() => write(place, model));
  writers.set(place, turn);
  const done = (): void => {
    if (writers.get(place) === turn) writers.delete(place);
  };
  turn.then(done, done);
  return turn;
}

async function write(
  folder: string,
  { topology, weights, bytes }: FolderModel,
): Promise<{ sha256: string; bytes: number }> {
  const before = await weightFiles(folder);
  const hash = sha256(bytes);
  const file = `weights-${hash.slice(0, 16)}.bin`;
  await writeWhole(join(folder, file), bytes);
  const description = JSON.stringify({
    format: 'layers-model',
    generatedBy: 'Trialroom',
    modelTopology: topology,
    weightsManifest: [{ paths: [file], weights }],
    userDefinedMetadata: { weightsSha256: hash },
  });
  await writeWhole(join(folder, 'model.json'), description);
  await Promise.all(before.filter((name) => name !== file).map((name) => rm(join(folder, name), { force: true })));
  return { sha256: sha256(description), bytes: bytes.length + Buffer.byteLength(description) };
}

/** Files of weights that this module has written here. */
async function weightFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) =>
    /^(weights-[0-9a-f]{16}\.bin|\.(weights-[0-9a-f]{16}\.bin|model\.json)\..*\.tmp)$/.test(name),
  );
}

/**
 * Reads a model.
 * @param path of `model.json`
 * @throws BadModelFile when a file is cut short, damaged or missing; the message names it
 */
export async function readFolder(path: string): Promise<FolderModel> {
  const text = await readFile(path, 'utf8');
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new BadModelFile(`${path} is no JSON: it is damaged, or cut short after ${text.length} characters`, {
      cause,
    });
  }
  const { success, data, error } = Description.safeParse(parsed);
  if (!success) {
    throw new BadModelFile(`${path} does not describe a model: ${z.prettifyError(error).replaceAll('\n', ' ')}`);
  }
  if (data.format === 'graph-model') {
    throw new BadModelFile(`${path} is a graph model, which cannot be trained further: use tf.loadGraphModel`);
  }
  const groups = await Promise.all(
    data.weightsManifest.map(async ({ paths, weights }) => {
      const parts = await Promise.all(paths.map((name) => part(path, name)));
      const bytes = Buffer.concat(parts);
      const wanted = weights.reduce((sum, weight) => sum + bytesOf(weight), 0);
      if (bytes.length !== wanted) {
        const short = bytes.length < wanted ? 'is cut short' : 'has too much';
        throw new BadModelFile(
          `${paths.join(', ')} ${short}: ${wanted} bytes are due, ${bytes.length} are there${cutWeight(weights, bytes.length)}`,
        );
      }
      return { weights, bytes };
    }),
  );
  const bytes = Uint8Array.from(Buffer.concat(groups.map((group) => group.bytes)));
  const wanted = z.looseObject({ weightsSha256: z.string() }).safeParse(Reflect.get(data, 'userDefinedMetadata'));
  if (wanted.success && wanted.data.weightsSha256 !== sha256(bytes)) {
    throw new BadModelFile(`the weights beside ${path} are damaged: their hash is not the one that was written down`);
  }
  return { topology: data.modelTopology, weights: groups.flatMap((group) => group.weights), bytes };
}

function cutWeight(weights: readonly WeightEntry[], length: number): string {
  let at = 0;
  for (const weight of weights) {
    at += bytesOf(weight);
    if (at > length) return `; the first one that is missing or cut is ${weight.name}`;
  }
  return '';
}

/** A description may only name files beside it. */
async function part(path: string, name: string): Promise<Uint8Array> {
  if (basename(name) !== name) throw new BadModelFile(`${path} names weights outside its folder: ${name}`);
  try {
    return await readFile(join(dirname(path), name));
  } catch (cause) {
    throw new BadModelFile(`${path} names ${name}, which cannot be read beside it`, { cause });
  }
}
