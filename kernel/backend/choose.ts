/**
 * The engine of this process, chosen once. What the engines are made of is loaded with the first question for one, never
 * by an import; how one is chosen is in `choose/choose.ts`.
 */
import type { BackendReport } from '@trialroom/shared/kernel/protocol';
import { loadTensorFlow, type TensorFlow } from './tensorflow.ts';

let prepared: Promise<BackendReport> | undefined;

/**
 * Sets the best engine on `tf` and says what was chosen and why. Repeated calls return the first report.
 * @throws Error when `TRIALROOM_BACKEND` names an engine that does not exist or does not load
 */
export function prepareBackend(tf: TensorFlow): Promise<BackendReport> {
  prepared ??= import('./choose/choose.ts').then(({ choose }) => choose(tf));
  return prepared;
}

/** The report of the engine that was asked for; undefined while none was. It is never asked for by this. */
export const backendInUse = (): Promise<BackendReport> | undefined => prepared;

/** Loads TensorFlow.js, prepares its engine, and returns the report. Throws as {@link prepareBackend} does. */
export const reportBackend = (): Promise<BackendReport> => prepareBackend(loadTensorFlow());
