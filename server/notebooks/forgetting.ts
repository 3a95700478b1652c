/**
 * How a notebook is forgotten for good: whoever holds something of it lets go, then all that is stored of it goes in one
 * transaction, or nothing does. What lies outside of the database goes last, when nothing leads to it any more.
 */
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Database } from '../database/database.ts';

/** What is left to do once the transaction is over: files, which no transaction holds. */
export type Leftover = () => Promise<void>;

/** A capability that has something of notebooks. */
export interface Holder {
  /** Closes what is open of it; nothing of it is written afterwards unless somebody opens it again. */
  letGo?(notebook: string): Promise<void>;
  /** Deletes all that is stored of it, within this transaction. */
  // biome-ignore lint/suspicious/noConfusingVoidType: most have nothing left to do and return nothing.
  erase(em: EntityManager, notebook: string): Promise<Leftover | void>;
}

/**
 * @param close refuses the notebooks to whoever asks for them from now on
 * @throws what the first holder that cannot throws; all is stored as before then
 */
export async function forgetForGood(
  database: Database,
  holders: readonly Holder[],
  notebooks: readonly string[],
  close: () => void,
  onError: (error: unknown) => void,
): Promise<void> {
  const letGo = async (): Promise<void> => {
    for (const id of notebooks) for (const holder of holders) await holder.letGo?.(id);
  };
  await letGo();
  close();
  // Somebody may have opened one again meanwhile.
  await letGo();
  const leftovers: Leftover[] = [];
  await database.em().transactional(async (em) => {
    for (const id of notebooks) {
      for (const holder of holders) {
        const leftover = await holder.erase(em, id);
        if (leftover) leftovers.push(leftover);
      }
    }
  });
  for (const leftover of leftovers) await leftover().catch(onError);
}
