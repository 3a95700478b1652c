/**
 * Keeps how a trial ran, from the moment that its code opens it: environment and code, each content once. It works beside
 * the trial, which never waits for it; what cannot be kept is reported and missing, and says so when it is compared.
 */
import { createHash } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { TrialOpen } from '@trialroom/shared/kernel/protocol';
import { type NotebookFile, parseNotebook } from '@trialroom/shared/notebook/format';
import { readDocument } from '@trialroom/shared/notebook/transfer';
import { TrialCode } from '@trialroom/shared/trial/code';
import { TrialEnvironment } from '@trialroom/shared/trial/environment';
import type { Database } from '../database/database.ts';
import type { Documents } from '../documents/documents.ts';
import type { TrialHolder } from '../trials/labels.ts';
import type { TrialOrigin } from '../trials/sink.ts';
import type { Trials } from '../trials/trials.ts';
import { CapturedContentEntity, CaptureEntity, type CaptureRow } from './entities.ts';

/** What is known of how a trial ran. */
export interface Captured {
  environment: TrialEnvironment | null;
  code: TrialCode | null;
  /** Hash of the code: equal where nothing differs. */
  codeHash: string | null;
  /** The cell that opened the trial. */
  cell: string | null;
}

export interface Capture {
  /** What is kept of these trials; a trial of which nothing is kept has no entry. */
  read(trials: readonly string[]): Promise<Map<string, Captured>>;
  /** What a trial ran on; null: it is not known. */
  environmentOf(trial: string): Promise<TrialEnvironment | null>;
  /** Lets go of what is kept of these trials, and of contents that no other trial shares, within this transaction. */
  erase: TrialHolder;
  /** Resolves when all that was opened so far is kept. */
  settled(): Promise<void>;
  /** Listens no more, and waits for what is on its way. */
  close(): Promise<void>;
}

export interface CaptureOptions {
  db: Database;
  trials: Pick<Trials, 'onOpen'>;
  documents: Pick<Documents, 'open'>;
  /** Text of the notebook that a trial was launched with; null: it was not launched. */
  launchedSource(trial: string): Promise<string | null>;
  onError: (error: unknown) => void;
}

export function createCapture({ db, trials, documents, launchedSource, onError }: CaptureOptions): Capture {
  let last: Promise<void> = Promise.resolve();

  const codeOf = async (open: TrialOpen, { launched, notebook }: TrialOrigin): Promise<TrialCode | null> => {
    if (open.script) return { kind: 'script', cells: [cellOf(open.script.name, 'code', open.script.source)] };
    const source = launched === undefined ? null : await launchedSource(launched);
    if (source !== null) return { kind: 'launched', cells: cellsOf(parseNotebook(source)) };
    if (notebook === null) return null;
    const document = await documents.open(notebook);
    try {
      return { kind: 'session', cells: cellsOf(readDocument(document.doc)) };
    } finally {
      document.release();
    }
  };

  const keep = async (trial: string, open: TrialOpen, origin: TrialOrigin): Promise<void> => {
    // It goes on with the code of its first run, whatever its notebook says by now.
    if (origin.resumes !== undefined && (await db.em().count(CaptureEntity, { trial })) > 0) return;
    const code = await codeOf(open, origin).catch((error) => {
      onError(error);
      return null;
    });
    const texts = [open.environment ?? null, code].map((value) => (value === null ? null : JSON.stringify(value)));
    const hashes = texts.map((text) => (text === null ? null : sha256(text)));
    const contents = texts.flatMap((content, at) => {
      const hash = hashes[at];
      // PostgreSQL's text holds no NUL; JSON writes it as an escape, which it takes.
      return content === null || !hash ? [] : [{ hash, content }];
    });
    await db.em().transactional(async (em) => {
      // In one order, so that two who keep the same never wait for each other. What is there already is locked as well: it
      // is not let go of before this trial names it.
      for (const { hash, content } of contents.toSorted((a, b) => (a.hash < b.hash ? -1 : 1))) {
        await em.execute(
          `insert into captured_contents (hash, content) values (?, ?)
            on conflict (hash) do update set hash = excluded.hash`,
          [hash, content],
        );
      }
      const before = await em.findOne(CaptureEntity, { trial });
      const replaced = before ? namesOf([before]) : [];
      await em.upsert(CaptureEntity, {
        ...{ trial, environment: hashes[0] ?? null, code: hashes[1] ?? null },
        ...{ cell: open.script ? null : origin.cell, capturedAt: Date.now() },
      });
      await em.flush();
      await forgetUnnamed(em, replaced);
    });
  };

  const unlisten = trials.onOpen((trial, open, origin) => {
    last = Promise.all([last, keep(trial, open, origin).catch(onError)]).then(() => {});
  });

  const read: Capture['read'] = async (wanted) => {
    const em = db.em();
    const captures = await em.find(CaptureEntity, { trial: { $in: [...wanted] } });
    const contents = await em.find(CapturedContentEntity, { hash: { $in: namesOf(captures) } });
    const textOf = new Map(contents.map(({ hash, content }) => [hash, content]));
    const parsed = <T>(schema: { parse(value: unknown): T }, hash: string | null | undefined): T | null => {
      const text = hash ? textOf.get(hash) : undefined;
      return text === undefined ? null : schema.parse(JSON.parse(text));
    };
    return new Map(
      captures.map(({ trial, environment, code, cell }) => [
        trial,
        {
          environment: parsed(TrialEnvironment, environment),
          code: parsed(TrialCode, code),
          codeHash: code ?? null,
          cell: cell ?? null,
        },
      ]),
    );
  };

  return {
    read,
    environmentOf: async (trial) => (await read([trial])).get(trial)?.environment ?? null,
    erase: async (em, gone) => {
      const captures = await em.find(CaptureEntity, { trial: { $in: [...gone] } });
      await em.nativeDelete(CaptureEntity, { trial: { $in: [...gone] } });
      await forgetUnnamed(em, namesOf(captures));
    },
    settled: () => last,
    close: async () => {
      unlisten();
      await last;
    },
  };
}

/** Hashes of the contents that these name, each once, in order. */
const namesOf = (captures: readonly Pick<CaptureRow, 'environment' | 'code'>[]): string[] =>
  [...new Set(captures.flatMap(({ environment, code }) => [environment, code]).filter((hash) => hash != null))].sort();

/** Deletes those of these contents that no capture names any more. */
async function forgetUnnamed(em: EntityManager, hashes: readonly string[]): Promise<void> {
  if (hashes.length === 0) return;
  const wanted = hashes.map(() => '?').join(', ');
  // Locked first: whoever is just about to name one is waited for, and seen by the statement after this.
  await em.execute(`select hash from captured_contents where hash in (${wanted}) order by hash for update`, [
    ...hashes,
  ]);
  await em.execute(
    `with named as (
      select environment as hash from trial_captures where environment in (${wanted})
      union select code from trial_captures where code in (${wanted})
    ) delete from captured_contents where hash in (${wanted}) and hash not in (select hash from named)`,
    [...hashes, ...hashes, ...hashes],
  );
}

const cellsOf = ({ cells }: NotebookFile): TrialCode['cells'] =>
  cells.map(({ id, cell_type, source }) => cellOf(id, cell_type, source));

const cellOf = (id: string, type: TrialCode['cells'][number]['type'], source: string): TrialCode['cells'][number] => ({
  ...{ id, type, source },
  hash: sha256(source),
});

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
