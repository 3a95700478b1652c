/** What the records of a script's trial mean: each is given to who keeps such things. */
import { RemoteMessage, type RemoteReply } from '@trialroom/shared/api/remote';
import type { SaidRecord } from '@trialroom/shared/remote/records';
import { SaidEvent } from '@trialroom/shared/trial/event';
import { fromWire, unpackPoints } from '@trialroom/shared/trial/points';
import { z } from 'zod';
import { Refusal } from '../http/refusal.ts';
import { isRefusedData } from '../metrics/ingest.ts';
import type { ResultsSink } from '../results/sink.ts';
import type { Trials } from '../trials/trials.ts';

/** Who keeps what. */
export interface RemoteSinks {
  trials: Pick<Trials, 'elsewhere'>;
  results: ResultsSink;
}

export interface Applied {
  /** The highest number of a kept message so far. */
  seq: number;
  finished: boolean;
  refused: RemoteReply['refused'];
}

type Message = z.infer<typeof RemoteMessage>;

/**
 * Applies records in their order; resolves when all are durable. What can never be kept is named in `refused`.
 * @throws Error when the database cannot be reached: nothing is lost by applying the same records again
 */
export function createApplying({ trials: { elsewhere }, results }: RemoteSinks) {
  /** `ours`: a time by the script's clock as one by ours. */
  const kept = async (
    id: string,
    number: number,
    message: Message,
    payload: Uint8Array,
    ours: (at: number) => number,
  ): Promise<number> => {
    switch (message.type) {
      case 'trial.points':
        await elsewhere.points(
          id,
          message.seq,
          unpackPoints(message.keys, payload).map((column) => ({ ...column, walls: column.walls.map(ours) })),
        );
        return message.seq;
      case 'trial.events':
        await elsewhere.events(
          id,
          message.seq,
          z
            .array(SaidEvent)
            .parse(parsed(payload))
            .map((event) => ({ ...event, at: ours(event.at) })),
        );
        return message.seq;
      case 'trial.evaluation':
        await results.evaluation(id, '', message.seq, payload);
        return message.seq;
      case 'trial.artifact':
        await results.artifact(id, '', message.seq, message, payload);
        return message.seq;
      case 'trial.paused':
        await elsewhere.paused(id, message.paused);
        return 0;
      case 'trial.summary':
        await elsewhere.summary(id, message.summary);
        return 0;
      case 'remote.log':
        await elsewhere.log(
          id,
          message.lines.map((line) => ({ ...line, at: ours(line.at) })),
        );
        return 0;
      case 'remote.samples':
        await elsewhere.samples(id, number, fromWire(message.step), ours(message.at), message.samples);
        return 0;
      default:
        throw new RangeError(`a script's trial says nothing of the kind "${message.type}"`);
    }
  };

  return async (
    id: string,
    records: readonly SaidRecord[],
    { seq, ahead }: { seq: number; ahead: number },
  ): Promise<Applied> => {
    const ours = (at: number): number => at - ahead;
    const applied: Applied = { seq, finished: false, refused: [] };
    // Points are many and their order matters to nobody: they go to the database together.
    let pending: Promise<void>[] = [];
    const settled = async (): Promise<void> => {
      const taken = pending;
      pending = [];
      await Promise.all(taken);
    };
    const guarded = async (number: number, work: () => Promise<number>): Promise<void> => {
      try {
        applied.seq = Math.max(applied.seq, await work());
      } catch (error) {
        if (!isHopeless(error)) throw error;
        applied.refused.push({ number, message: inWords(error) });
      }
    };
    const newest = records.findLast(({ header }) => isProgress(header));
    for (const { number, header, payload } of records) {
      const message = RemoteMessage.safeParse(header);
      if (!message.success) {
        applied.refused.push({ number, message: inWords(message.error) });
      } else if (message.data.type === 'trial.points' || message.data.type === 'remote.samples') {
        pending.push(guarded(number, () => kept(id, number, message.data, payload, ours)));
      } else if (message.data.type === 'trial.progress') {
        const { progress } = message.data;
        if (number === newest?.number) await guarded(number, () => elsewhere.progress(id, progress).then(() => 0));
      } else if (message.data.type === 'remote.finish') {
        const { end, at, reason = null } = message.data;
        await settled();
        await elsewhere.finish(id, end, ours(at), reason);
        applied.finished = true;
      } else {
        await guarded(number, () => kept(id, number, message.data, payload, ours));
      }
    }
    await settled();
    applied.refused.sort((a, b) => a.number - b.number);
    return applied;
  };
}

const isProgress = (header: unknown): boolean =>
  typeof header === 'object' && header !== null && 'type' in header && header.type === 'trial.progress';

const parsed = (payload: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(payload));

/** True for what will be refused however often it is tried. */
const isHopeless = (error: unknown): boolean =>
  error instanceof Refusal ||
  error instanceof z.ZodError ||
  error instanceof RangeError ||
  error instanceof SyntaxError ||
  isRefusedData(error);

function inWords(error: unknown): string {
  if (error instanceof z.ZodError) {
    const { path, message } = causeOf(error.issues);
    return `${path.map(String).join('.') || 'message'}: ${message}`;
  }
  return error instanceof Error ? error.message : String(error);
}

type Issue = Pick<z.core.$ZodIssue, 'path' | 'message'> & { errors?: readonly (readonly z.core.$ZodIssue[])[] };

/** The issue that a person can act on: of alternatives, that of the kind of message which was meant. */
function causeOf(issues: readonly Issue[]): Pick<Issue, 'path' | 'message'> {
  const [issue] = issues;
  if (!issue) return { path: [], message: 'is wrong' };
  const meant = issue.errors?.find(([first]) => first && first.path[0] !== 'type');
  if (!meant) return issue;
  const { path, message } = causeOf(meant);
  return { path: [...issue.path, ...path], message };
}
