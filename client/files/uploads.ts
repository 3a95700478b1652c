/** Files on their way to the server: one after the other, each with its end; a refused one says why and stops no other. */
import { files } from '@trialroom/shared/api/endpoints';
import { createSignal } from 'solid-js';
import { call } from '../data/api.ts';

export interface Upload {
  name: string;
  state: 'waiting' | 'sending' | 'done' | 'failed';
  /** Where it stands now, once done. */
  path: string | null;
  thrown: unknown;
}

export function createUploads(onEnd: (path: string) => void) {
  const [uploads, setUploads] = createSignal<readonly Upload[]>([]);
  const change = (at: number, part: Partial<Upload>): void =>
    void setUploads((all) => all.map((one, index) => (index === at ? { ...one, ...part } : one)));
  return {
    uploads,
    /** Those that are not over. */
    left: () => uploads().filter(({ state }) => state === 'waiting' || state === 'sending').length,
    clear: () => setUploads([]),
    /** @param into the folder that they go into; '' for the top */
    async send(chosen: readonly File[], into: string): Promise<void> {
      const from = uploads().length;
      setUploads((all) => [
        ...all,
        ...chosen.map(({ name }): Upload => ({ name, state: 'waiting', path: null, thrown: null })),
      ]);
      for (const [index, file] of chosen.entries()) {
        change(from + index, { state: 'sending' });
        try {
          const path = into === '' ? file.name : `${into}/${file.name}`;
          const made = await call(files.upload, { body: { path, content: await file.text() } });
          change(from + index, { state: 'done', path: made.path });
          onEnd(made.path);
        } catch (error) {
          change(from + index, { state: 'failed', thrown: error });
        }
      }
    },
  };
}
