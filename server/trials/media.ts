/** Pictures, histograms, tables and texts of trials: bytes become blobs, and what is left becomes an event. */
import { type Media, MediaEvent, MOST_MEDIA_BYTES, SaidMedia } from '@trialroom/shared/trial/media';
import type { Blobs } from '../blobs/blobs.ts';
import type { Database } from '../database/database.ts';
import { listEvents, type NewEvent } from './events.ts';

/** Characters of a text that are kept beside its blob. */
const HEAD = 500;

/** An event of kind `media` as it is kept. What cannot be taken becomes a note that says why. */
export async function keepMedia(blobs: Pick<Blobs, 'put'> | undefined, event: NewEvent): Promise<NewEvent> {
  const said = SaidMedia.safeParse(event.data);
  if (!said.success) {
    const [issue] = said.error.issues;
    return notKept(event, `${issue?.path.join('.') || 'data'}: ${issue?.message ?? 'unknown'}`);
  }
  if (!blobs) return notKept(event, 'nothing here keeps files');
  return { ...event, data: await kept(blobs, said.data) };
}

const notKept = (event: NewEvent, why: string): NewEvent => ({
  ...event,
  kind: 'note',
  text: `Something that was logged could not be kept (${why}).`,
  data: {},
});

async function kept(blobs: Pick<Blobs, 'put'>, said: SaidMedia): Promise<Media> {
  const { key, caption } = said;
  const common = { key, ...(caption === undefined ? {} : { caption }) };
  switch (said.media) {
    case 'image': {
      const { base64, ...rest } = said;
      const bytes = Buffer.from(base64, 'base64');
      return { ...rest, ...(await blobs.put(bytes)) };
    }
    case 'histogram':
      return said;
    case 'table': {
      const { columns, rows } = said.table;
      const stored = await blobs.put(JSON.stringify(said.table));
      return { ...common, ...stored, media: 'table', type: 'application/json', columns, rows: rows.length };
    }
    case 'text': {
      const stored = await blobs.put(said.text.slice(0, MOST_MEDIA_BYTES));
      return { ...common, ...stored, media: 'text', type: 'text/plain', head: said.text.slice(0, HEAD) };
    }
  }
}

/** Which of a trial's media are wanted. Steps from `from` to `to`, both included. */
export interface MediaQuery {
  key?: string | undefined;
  media?: Media['media'] | undefined;
  from?: number | undefined;
  to?: number | undefined;
  limit?: number | undefined;
  /** Where there are more than `limit`: spread evenly over the steps of each key, its first and last among them. */
  spread?: boolean | undefined;
}

/** The newest `?` of what is found. */
const NEWEST = 'select seq from found order by seq desc limit ?';

/** About `?` of what is found, of each key as many, evenly by place; never fewer than its first and last. */
const SPREAD = `select seq from (
  select seq, place, n, greatest(2, ? / (select count(distinct key) from found)) - 1 as parts
  from (
    select seq, row_number() over (partition by key order by step, seq) - 1 as place, count(*) over (partition by key) as n
    from found
  ) as numbered
) as spread
where n <= parts + 1 or place = 0 or place * parts / (n - 1) <> (place - 1) * parts / (n - 1)`;

/**
 * A trial's media by step, the newest when there are more than `limit` or some of all steps with `spread`; how many there
 * are in the range, and how many of each key in all.
 */
export async function listMedia(
  db: Database,
  trial: string,
  { key, media: kind, from, to, limit = 200, spread = false }: MediaQuery,
): Promise<{ media: MediaEvent[]; total: number; keys: { key: string; media: string; count: number }[] }> {
  const where = [
    ...(key === undefined ? [] : [[`data ->> 'key' = ?`, key] as const]),
    ...(kind === undefined ? [] : [[`data ->> 'media' = ?`, kind] as const]),
    ...(from === undefined ? [] : [['step >= ?', from] as const]),
    ...(to === undefined ? [] : [['step <= ?', to] as const]),
  ];
  const found = `with found as (
    select seq, step, data ->> 'key' as key from trial_events
    where trial = ? and kind = 'media' ${where.map(([sql]) => `and ${sql}`).join(' ')}
  )`;
  const given = [trial, ...where.map(([, value]) => value)];
  const em = db.em();
  const [rows, counted, keys] = await Promise.all([
    em.execute<{ seq: number }[]>(`${found} ${spread ? SPREAD : NEWEST}`, [...given, limit]),
    em.execute<{ total: number }[]>(`${found} select count(*)::int as total from found`, given),
    em.execute<{ key: string; media: string; count: number }[]>(
      `select data ->> 'key' as key, min(data ->> 'media') as media, count(*)::int as count
       from trial_events where trial = ? and kind = 'media' group by 1 order by min(seq)`,
      [trial],
    ),
  ]);
  const seqs = rows.map(({ seq }) => Number(seq));
  const events = await listEvents(db, trial, { seqs, limit: Math.max(1, seqs.length) });
  const media = events.map((event) => MediaEvent.parse(event));
  return {
    media: media.toSorted((a, b) => Number(a.step) - Number(b.step) || a.seq - b.seq),
    total: counted[0]?.total ?? 0,
    keys,
  };
}
