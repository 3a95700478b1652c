/** Ends kernels that nobody needs: nothing runs in them, nobody watches, and nothing has happened for long. */
import type { SessionState } from '@trialroom/shared/notebook/session';
import type { Log } from '../log.ts';
import { spoken } from './session-view.ts';

/** A session as far as this matters. */
export interface Resting {
  id: string;
  session: { readonly state: SessionState; readonly lastActivity: number };
  /** A person or a program looks at it now. */
  watched: boolean;
  end(reason: string): Promise<void>;
}

const LOOK_MS = 60_000;

/** Looks now and then, until the returned function is called. */
export function endIdle(limitMs: number | undefined, log: Log, sessions: () => Resting[]): () => void {
  if (limitMs === undefined) return () => {};
  const look = (): void => {
    const now = Date.now();
    for (const { id, session, watched, end } of sessions()) {
      if (watched || session.state.kernel !== 'idle' || now - session.lastActivity < limitMs) continue;
      log.info({ notebook: id }, 'an idle kernel is ended');
      end(
        `Nothing ran here and nobody watched for ${spoken(limitMs)}, so the kernel was ended to free its memory. ` +
          'The next run starts a new one; outputs are kept, variables are not.',
      ).catch((error) => log.error({ err: error, notebook: id }, 'an idle kernel could not be ended'));
    }
  };
  const timer = setInterval(look, Math.min(LOOK_MS, Math.max(10, limitMs / 4)));
  timer.unref();
  return () => clearInterval(timer);
}
