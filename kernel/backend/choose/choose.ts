/**
 * Which tensor engine runs. The best one that loads is taken, in the order of {@link BACKENDS}: a graphics card where
 * there is a real one, compiled training steps on the processor, and so on down to plain JavaScript. Each one passed over
 * is listed with the reason, word for word, because "why is this slow?" is the first question asked of a machine that
 * has a graphics card.
 * An engine that is asked for by name and does not load is an error, never silently another engine.
 */
import {
  BACKEND_ABOUT,
  BACKEND_LABELS,
  BACKENDS,
  type BackendName,
  isBackend,
  NOT_ASKED_FOR,
} from '@trialroom/shared/kernel/backends';
import type { BackendReport } from '@trialroom/shared/kernel/protocol';
import { host } from '../../process/host.ts';
import { compileFit } from '../compiled/fit.ts';
import { Heap } from '../compiled/heap.ts';
import { nativeFailure } from '../compiled/native.ts';
import { undoInterrupted } from '../compiled/undo.ts';
import { mendGradients } from '../gradients/mend.ts';
import { guard } from '../guard/guard.ts';
import { recover } from '../recover.ts';
import type { TensorFlow } from '../tensorflow.ts';
import { watchTraining } from '../training.ts';
import { startWebGpu } from '../webgpu/engine.ts';
import { startNative } from './native.ts';
import { startWasm } from './wasm.ts';

/** An engine that was started. */
interface Started {
  /** Short text for a chip, where there is more to say than the engine's name. */
  label?: string;
  /** What it is, in a few words. */
  about: string;
  /** Puts it in order after an interrupt. */
  recover?(): void;
}

/** Environment variable that names the engine to use, one of `BACKENDS`. A notebook's own setting arrives in it too. */
const BACKEND_VARIABLE = 'TRIALROOM_BACKEND';

/** Sets the best engine on `tf`, or the one that is wanted. Throws as `prepareBackend` does. */
export async function choose(tf: TensorFlow): Promise<BackendReport> {
  const wanted = process.env[BACKEND_VARIABLE];
  if (wanted && !isBackend(wanted)) {
    throw new Error(`There is no backend "${wanted}": it can be ${BACKENDS.join(', ')}, or unset. ${CHANGE}`);
  }
  mendGradients(tf);
  let chosen: { name: BackendName; engine: Started } | undefined;
  const endTraining = watchTraining(tf);
  host()?.onEnd((_, end) => {
    if (end !== 'aborted') return;
    endTraining();
    undoInterrupted();
    recover(tf);
    chosen?.engine.recover?.();
  });
  const candidates: BackendReport['candidates'] = [];
  for (const name of BACKENDS) {
    const pass = (reason: string): void => void candidates.push({ name, chosen: false, reason });
    if (chosen) pass(`slower than ${chosen.name}`);
    else if (wanted && wanted !== name) pass(`${NOT_ASKED_FOR}: the notebook or ${BACKEND_VARIABLE} wants ${wanted}`);
    else {
      const engine = await start(tf, name);
      if (typeof engine === 'string') pass(engine);
      else {
        chosen = { name, engine };
        candidates.push({ name, chosen: true, reason: engine.about });
      }
    }
  }
  if (!chosen) {
    const reason = candidates.find(({ name }) => name === wanted)?.reason ?? candidates.map((c) => c.reason).join('; ');
    throw new Error(`The backend ${wanted} was asked for, which does not run here: ${reason}. ${CHANGE}`);
  }
  guard(tf, chosen.name);
  return { name: chosen.name, label: chosen.engine.label ?? BACKEND_LABELS[chosen.name], candidates };
}

const CHANGE = `Choose another in the notebook's menu, or with --backend or ${BACKEND_VARIABLE}, and restart the kernel.`;

/** Starts one engine and makes it the one of `tf`; or says in words why it cannot run. */
async function start(tf: TensorFlow, name: BackendName): Promise<Started | string> {
  const plain: Started = { about: BACKEND_ABOUT[name] };
  try {
    switch (name) {
      case 'tfjs-node-gpu':
      case 'tfjs-node':
        return (await startNative(tf, name)) ?? plain;
      case 'webgpu': {
        const engine = await startWebGpu(tf);
        if (typeof engine === 'string') return engine;
        const largest = (engine.largestTensor / 2 ** 30).toLocaleString('en', { maximumFractionDigits: 1 });
        return {
          label: `GPU · ${engine.card}`,
          about: `WebGPU on ${engine.card}, tensors of up to ${largest} GB`,
          recover: engine.recover,
        };
      }
      case 'compiled':
      case 'wasm': {
        const missing = name === 'compiled' ? nativeFailure() : undefined;
        if (missing !== undefined) return missing;
        const backend = await startWasm(tf);
        if (typeof backend === 'string') return backend;
        return (name === 'compiled' ? compileFit(tf, new Heap(backend)) : undefined) ?? plain;
      }
      case 'cpu':
        await tf.setBackend('cpu');
        return plain;
    }
  } catch (error) {
    return `it does not load: ${firstLine(error)}`;
  }
}

const firstLine = (error: unknown): string => {
  const message = error instanceof Error ? error.message : String(error);
  return message.split('\n', 1)[0] ?? message;
};
