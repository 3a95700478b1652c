/** Brings what other tools recorded into trials that look like any other. */
import type { ImportedAs, RemoteReply } from '@trialroom/shared/api/remote';
import type { TrialOpen } from '@trialroom/shared/kernel/protocol';
import { Refusal } from '../http/refusal.ts';
import type { ImportedFile, ImportedRun } from './imported.ts';
import { trialOf } from './records.ts';
import { isRowsFile, readRows } from './rows.ts';
import { isEventFile, readTensorBoard } from './tensorboard.ts';

/** The door that records go in by: a server's own, or one over HTTP. */
export interface Door {
  open(given: { id: string; open: TrialOpen; startedAt: number }): Promise<RemoteReply & { room: string }>;
  send(id: string, after: number, bytes: Uint8Array): Promise<RemoteReply>;
}

export interface ImportOptions {
  experiment: string;
  /** Given: a copy is made of what is there already, told from others by this. */
  copy?: string | undefined;
}

/** Whether an import looks at a file of this path. */
export const isImportable = (path: string): boolean => isEventFile(path) || isRowsFile(path);

/**
 * Imports files; each run becomes a trial.
 * @throws Refusal (422) when there is nothing to import, or a file cannot be read
 */
export async function importFiles(
  files: readonly ImportedFile[],
  { experiment, copy = '' }: ImportOptions,
  door: Door,
): Promise<ImportedAs[]> {
  const runs = runsOf(files, experiment);
  if (runs.length === 0) {
    throw new Refusal(422, {
      error: 'nothing-to-import',
      message: 'there are no figures in what was given',
      fix: 'give event files of TensorBoard (events.out.tfevents.…), CSV, JSON or JSON lines, or a folder of them',
    });
  }
  const imported: ImportedAs[] = [];
  for (const run of runs) {
    const trial = trialOf(run, experiment, copy);
    const { id, open, startedAt, requests, records: count, points } = trial;
    const { applied, room } = await door.open({ id, open, startedAt });
    const remarks = [...run.remarks];
    const already = applied >= count;
    // What an import that was broken off has brought is passed over by the door.
    for (const { after, bytes } of already ? [] : requests) {
      const { refused } = await door.send(id, after, bytes);
      for (const { message } of refused) remarks.push(`a part was not taken: ${message}`);
    }
    imported.push({
      trial: id,
      room,
      name: open.name,
      points,
      media: run.events.length,
      already,
      remarks,
    });
  }
  return imported;
}

/** The runs in files, whatever wrote them. */
function runsOf(files: readonly ImportedFile[], fallback: string): ImportedRun[] {
  const events = files.filter(({ path }) => isEventFile(path));
  const rows = files.filter(({ path }) => !isEventFile(path) && isRowsFile(path));
  const runs = [...readTensorBoard(events, fallback), ...rows.map(readRows)];
  return runs.filter(
    ({ points, events: said, params }) => points.length + said.length + Object.keys(params).length > 0,
  );
}
