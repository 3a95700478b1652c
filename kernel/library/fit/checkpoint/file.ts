/**
 * A checkpoint as bytes: a safetensors file, which any tool of the field can open for its weights. What it says beside
 * them, and a hash of the numbers, are in the file's metadata.
 */
import { createHash } from 'node:crypto';
import { CheckpointHeader, checkpointText } from '@trialroom/shared/trial/checkpoint';
import type { HostArray } from '../../data/source.ts';
import { stored, weightOf } from '../../model-files/numbers.ts';
import {
  BadModelFile,
  decodeSafetensors,
  encodeSafetensors,
  type StoredTensors,
} from '../../model-files/safetensors.ts';

/** A checkpoint in memory. */
export interface Checkpoint {
  header: CheckpointHeader;
  /** By the names that `shared/trial/checkpoint.ts` gives. */
  tensors: ReadonlyMap<string, HostArray>;
}

/** The bytes of a checkpoint. */
export function encodeCheckpoint({ header, tensors }: Checkpoint): Uint8Array {
  const file = new Map([...tensors].map(([name, array]) => [name, stored({ name, ...array })]));
  return encodeSafetensors({ tensors: file, metadata: { trialroom: checkpointText(header), sha256: hashOf(file) } });
}

/** A checkpoint from its bytes. @throws BadModelFile when they are cut short, have changed or are of something else */
export function decodeCheckpoint(bytes: Uint8Array): Checkpoint {
  const { tensors, metadata } = decodeSafetensors(bytes);
  const { trialroom } = metadata;
  if (trialroom === undefined) throw new BadModelFile('it holds weights, but nothing to go on with training from');
  if (hashOf(tensors) !== metadata.sha256) throw new BadModelFile('its numbers have changed since it was written');
  const parsed = CheckpointHeader.safeParse(parse(trialroom));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new BadModelFile(`it is no checkpoint that is known here: ${issue?.path.join('.')}: ${issue?.message}`);
  }
  const arrays = [...tensors].map(([name, tensor]): [string, HostArray] => {
    const { dtype, shape, values } = weightOf(name, tensor);
    if (dtype === 'float32' && values instanceof Float32Array) return [name, { dtype, shape, values }];
    if (dtype === 'int32' && values instanceof Int32Array) return [name, { dtype, shape, values }];
    return [name, { dtype: 'bool', shape, values: Uint8Array.from(values) }];
  });
  return { header: parsed.data, tensors: new Map(arrays) };
}

/** SHA-256 of all tensors, by their names. */
function hashOf(tensors: StoredTensors['tensors']): string {
  const hash = createHash('sha256');
  for (const name of [...tensors.keys()].sort()) {
    hash.update(name);
    hash.update(tensors.get(name)?.bytes ?? '');
  }
  return hash.digest('hex');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new BadModelFile('its header is no JSON', { cause });
  }
}
