/** A script as people bring it from W&B, for a test that reads what it leaves behind. */
import { config, defineMetric, finish, init, log, media, summary } from 'trialroom';

const run = await init({ project: 'ported', name: 'one', config: { lr: 0.1 }, tags: ['first'], notes: 'as it was' });
defineMetric('train.loss', { summary: 'min' });
console.log(`lr ${config.lr} of ${run.name}`);
log({ train: { loss: 3, accuracy: 0.5 }, done: false, nothing: null });
log({ train: { loss: 1 } }, { commit: false });
log({ 'val/loss': 2, phase: 'late' });
log({ train: { loss: 4 } }, { step: 10 });
log({ weights: new media.Histogram([1, 2, 3]) });
log({ train: { loss: Number.NaN } });
const refused: string[] = [];
for (const wrong of [{ a: [1, 2] }, { a: { dataSync: () => [1] } }, { a: () => 1 }]) {
  try {
    log(wrong);
  } catch (error) {
    refused.push(error instanceof TypeError ? error.message : 'not a TypeError');
  }
}
summary.refused = refused;
if (process.argv[2] === 'throw') throw new Error('out of luck');
if (process.argv[2] === 'exit') process.exit(3);
if (process.argv[2] !== 'forget') await finish();
