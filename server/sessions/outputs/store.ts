/**
 * Executions and outputs in SQL. It writes what it is given, whole batches or nothing, and reads back what is to be
 * shown; it decides nothing about order or limits (`outputs.ts` does).
 */

import type { EntityManager } from '@mikro-orm/postgresql';
import type { ExecutionEnd } from '@trialroom/shared/kernel/protocol';
import { type CellError, foldOutput, type Output, OutputEvent } from '@trialroom/shared/notebook/outputs';
import { CONSOLE_KEPT, Execution } from '@trialroom/shared/notebook/session';
import { z } from 'zod';
import type { Database } from '../../database/database.ts';
import { ExecutionRow, OutputEventsRow } from '../entities.ts';
import type { Batch } from './batch.ts';
import { toSql } from './store-sql.ts';

/** The latest execution of a cell, as stored. */
export interface StoredCell {
  execution: string;
  ordinal: number;
  cell: string;
  hash: string;
  count: number;
  by: Execution['by'];
  startedAt: number | null;
  /** null: it was running when the server ended. */
  end: ExecutionEnd | null;
  ms: number | null;
  outputs: Output[];
  /** Last event that `outputs` holds. */
  seq: number;
  /** Of console entries only. */
  source?: string;
  queuedAt: number;
}

/** The executions of all notebooks, as they are stored. */
export interface SessionStore {
  /** Writes all of it or nothing. */
  write(batch: Batch): Promise<void>;
  /** Cells of the notebook that ever ran, with what they show, and the newest console entries, oldest first. */
  load(notebook: string): Promise<StoredCell[]>;
  /** Removes executions and all they said. */
  forget(executions: readonly string[]): Promise<void>;
  /** Removes all that ever ran in a notebook, within this transaction. */
  forgetNotebook(em: EntityManager, notebook: string): Promise<void>;
  /** Closes executions that a server left open when it ended without warning; returns how many. */
  closeOrphans(): Promise<number>;
}

const Events = z.array(OutputEvent);
/** Written by us and only by us: the shape is known, what is checked is that it is a list. */
const Outputs = z.array(z.custom<Output>((value) => typeof value === 'object' && value !== null));

/** Said under a cell whose run ended because the server did. */
export const SERVER_GONE: CellError = {
  name: 'Aborted',
  message: 'The server ended while this cell ran. What it said until then is above; run it again.',
  frames: [],
};

/** The store in this database. */
export function createSessionStore(db: Database): SessionStore {
  const store: SessionStore = {
    write: async (batch) => {
      const statements = toSql(batch);
      const [only] = statements;
      if (statements.length <= 1) {
        if (only) await db.em().execute(only.sql, only.values);
        return;
      }
      await db.em().transactional(async (em) => {
        for (const { sql, values } of statements) await em.execute(sql, values);
      });
    },
    load: async (notebook) => {
      const em = db.em();
      const newest = await em.execute<{ id: string }[]>(
        `select distinct on (cell) id from executions where notebook = ? and cell not like 'console:%'
          order by cell, ordinal desc`,
        [notebook],
      );
      const entries = await em.execute<{ id: string; source: string }[]>(
        `select id, source from executions where notebook = ? and cell like 'console:%'
          order by ordinal desc limit ${CONSOLE_KEPT}`,
        [notebook],
      );
      const sources = new Map(entries.map(({ id, source }) => [id, source]));
      const ids = [...newest, ...entries].map(({ id }) => id);
      const latest = await em.find(
        ExecutionRow,
        { id: { $in: ids } },
        { exclude: ['source'], orderBy: { ordinal: 'asc' } },
      );
      const events = await em.find(
        OutputEventsRow,
        { execution: { $in: latest.map(({ id }) => id) } },
        { orderBy: { execution: 'asc', seq: 'asc' } },
      );
      return latest.map((row) => {
        let outputs = row.outputs == null ? [] : Outputs.parse(JSON.parse(row.outputs));
        let seq = row.folded;
        for (const said of events) {
          if (said.execution !== row.id || said.seq <= seq) continue;
          outputs = Events.parse(JSON.parse(said.events)).reduce(foldOutput, outputs);
          seq = said.seq;
        }
        const source = sources.get(row.id);
        return {
          execution: row.id,
          ordinal: row.ordinal,
          cell: row.cell,
          hash: row.hash,
          count: row.count,
          by: Execution.shape.by.parse(JSON.parse(row.asker)),
          startedAt: row.startedAt == null ? null : Number(row.startedAt),
          end: row.ending === 'ok' || row.ending === 'error' || row.ending === 'aborted' ? row.ending : null,
          ms: row.ms == null ? null : Number(row.ms),
          outputs,
          seq,
          queuedAt: Number(row.queuedAt),
          ...(source === undefined ? {} : { source }),
        };
      });
    },
    forget: async (executions) => {
      if (executions.length === 0) return;
      await db.em().nativeDelete(OutputEventsRow, { execution: { $in: [...executions] } });
      await db.em().nativeDelete(ExecutionRow, { id: { $in: [...executions] } });
    },
    forgetNotebook: async (em, notebook) => {
      await em.execute('delete from output_events where execution in (select id from executions where notebook = ?)', [
        notebook,
      ]);
      await em.nativeDelete(ExecutionRow, { notebook });
    },
    closeOrphans: async () => {
      const open = await db.em().find(ExecutionRow, { ending: null }, { fields: ['id', 'notebook', 'cell'] });
      const notebooks = new Set(open.map(({ notebook }) => notebook));
      const at = Date.now();
      const ids = new Set(open.map(({ id }) => id));
      for (const notebook of notebooks) {
        const cells = (await store.load(notebook)).filter(({ execution }) => ids.has(execution));
        await store.write({
          beginnings: [],
          sayings: [],
          foldings: cells.map(({ execution, seq, outputs }) => ({
            execution,
            seq,
            outputs: foldOutput(outputs, { type: 'error', error: SERVER_GONE }),
          })),
          endings: cells.map(({ execution }) => ({ execution, end: 'aborted', ms: null, at })),
        });
        for (const { execution } of cells) ids.delete(execution);
      }
      // What is left was replaced by a later run of its cell already, and shows nothing.
      if (ids.size > 0) {
        await db.em().nativeUpdate(ExecutionRow, { id: { $in: [...ids] } }, { ending: 'aborted', endedAt: at });
      }
      return open.length;
    },
  };
  return store;
}
