/** `npm run -s bench -- NAME`: measures one thing and prints a table and a line of JSON. Exit code 1 when a goal is missed. */
const BENCHES: Record<string, () => Promise<{ default: () => Promise<boolean> }>> = {
  start: () => import('./start.ts'),
  'run-cell': () => import('./run-cell.ts'),
  edit: () => import('./edit.ts'),
  notebook: () => import('./notebook/notebook.ts'),
  live: () => import('./live.ts'),
  ingest: () => import('./ingest.ts'),
  fanout: () => import('./fanout/fanout.ts'),
  series: () => import('./series.ts'),
  table: () => import('./table.ts'),
  kernel: () => import('./kernel/kernel.ts'),
  train: () => import('./train/train.ts'),
  share: () => import('./train/share.ts'),
  room: () => import('./room.ts'),
};

const name = process.argv[2] ?? '';
const load = BENCHES[name];
if (!load) {
  console.error(`no bench is called "${name}"; there are ${Object.keys(BENCHES).join(', ')}`);
  process.exit(2);
}
const { default: measure } = await load();
process.exit((await measure()) ? 0 : 1);
