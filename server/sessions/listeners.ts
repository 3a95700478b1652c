/** The programs that listen to sessions, and what each hears: everything, in order, as it happens. */
import type { Log } from '../log.ts';
import type { SessionNews } from './news.ts';

/** Hears of everything in a session, as it happens. */
export type Listener = (news: SessionNews) => void;

/** Who listens to which session. */
export class Listeners {
  readonly #log: Log;
  readonly #bySession = new Map<string, Set<Listener>>();

  constructor(log: Log) {
    this.#log = log;
  }

  /** How many listen to this session. */
  count(session: string): number {
    return this.#bySession.get(session)?.size ?? 0;
  }

  /** Listens, until the returned function is called. */
  add(session: string, listener: Listener): () => void {
    const heard = this.#bySession.get(session) ?? new Set();
    this.#bySession.set(session, heard.add(listener));
    return () => {
      if (heard.delete(listener) && heard.size === 0 && this.#bySession.get(session) === heard) {
        this.#bySession.delete(session);
      }
    };
  }

  /** A listener that fails keeps nobody else from hearing. */
  tell(session: string, news: SessionNews): void {
    for (const listener of this.#bySession.get(session) ?? []) {
      try {
        listener(news);
      } catch (error) {
        this.#log.error({ err: error, notebook: session }, 'a listener of a session failed');
      }
    }
  }

  /** There is nothing more to hear of this session. */
  forget(session: string): void {
    this.#bySession.delete(session);
  }
}
