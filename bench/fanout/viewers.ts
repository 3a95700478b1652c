/** Many viewers of one room in one process; tells its parent how old each point was when a viewer had applied it. */
import type { ServerToClient, Snapshot, WatchReply } from '@trialroom/shared/live/events';
import { createFeed } from '@trialroom/shared/live/feed';
import { fromWire } from '@trialroom/shared/trial/points';
import { io } from 'socket.io-client';

type Points = Parameters<ServerToClient['points']>[0];

const [url = '', token = '', trial = '', count = '1'] = process.argv.slice(2);
const viewers = Number(count);

/** How long latencies are noted, once every viewer has its snapshot. In ms. */
const NOTED = 10_000;

const took: number[] = [];
let ready = 0;
let noting = false;

function view(): Promise<void> {
  return new Promise((shown, failed) => {
    const socket = io(url, {
      transports: ['websocket'],
      forceNew: true,
      extraHeaders: { authorization: `Bearer ${token}` },
    });
    const curves = new Map<string, { steps: number[]; values: number[] }>();
    const feed = createFeed<Snapshot, Points>({
      load: () => curves.clear(),
      apply: ({ series }) => {
        for (const { key, steps, values } of series) {
          const curve = curves.get(key) ?? { steps: [], values: [] };
          curve.steps.push(...steps.map(fromWire));
          curve.values.push(...values.map(fromWire));
          curves.set(key, curve);
        }
        if (!noting) return;
        const now = performance.timeOrigin + performance.now();
        for (const wall of series.find(({ key }) => key === 'loss')?.walls ?? []) took.push(now - wall);
      },
      rewatch: () => watch(),
    });
    const watch = (): void => {
      const ticket = feed.begin();
      socket.emit('watch', `trial:${trial}`, (reply: WatchReply) => {
        if (!reply.ok) return failed(new Error(reply.error));
        feed.snapshot(ticket, reply.snapshot);
        ready++;
        shown();
      });
    };
    socket.on('connect', watch);
    socket.on('connect_error', failed);
    socket.on('missed', watch);
    socket.on('points', (event: Points) =>
      feed.receive(event, { seq: event.seq, after: event.after ?? event.seq - 1 }),
    );
  });
}

for (let made = 0; made < viewers; made += 25) {
  await Promise.all(Array.from({ length: Math.min(25, viewers - made) }, view));
}
const again = ready;
noting = true;
setTimeout(() => {
  if (ready > again) console.error(`${ready - again} snapshots were read again: viewers fell behind`);
  process.send?.(Float64Array.from(took));
}, NOTED);
