/** For tests: whether there is ZeroMQ here, a kernel behind it, and what its messages say. */
import { createRequire } from 'node:module';
import type { Json, JupyterParts } from '@trialroom/shared/jupyter/messages';
import { afterAll, beforeAll } from 'vitest';
import type { JupyterClient } from './client.ts';

/** True where the optional package is not installed, which is said once. */
export const absent = ((): boolean => {
  try {
    createRequire(import.meta.url).resolve('zeromq');
    return false;
  } catch {
    console.warn('the optional package zeromq is not installed: the Jupyter kernel is not tested');
    return true;
  }
})();

/** Types of messages, in order. */
export const types = (iopub: JupyterParts[]): string[] => iopub.map(({ header }) => header.msg_type);
/** Contents of the messages of a type. */
export const of = (iopub: JupyterParts[], type: string): Json[] =>
  iopub.filter(({ header }) => header.msg_type === type).map(({ content }) => content);
/** All that was printed, both streams in one. */
export const printed = (iopub: JupyterParts[]): string =>
  of(iopub, 'stream')
    .map(({ text }) => text)
    .join('');

/** Starts a kernel and a client of it. Loaded late: without ZeroMQ the module of the client cannot be. */
export const start = async (options?: { key: string }): Promise<JupyterClient> =>
  (await import('./client.ts')).startJupyter(options);

/** One kernel for the tests of a `describe`; `client` is there while they run. */
export function useKernel(): { readonly client: JupyterClient } {
  let client: JupyterClient;
  beforeAll(async () => {
    client = await start();
  });
  afterAll(() => client?.close());
  return {
    get client() {
      return client;
    },
  };
}
