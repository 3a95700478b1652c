/** For a test: trains with a checkpoint after every batch, saying where it is, until it is killed. */
import { prepareBackend } from '../../../backend/choose.ts';
import { loadTensorFlow } from '../../../backend/tensorflow.ts';
import { fit } from '../fit.ts';
import { EVERYTHING, smallData, smallModel } from '../going-on.ts';

const tf = loadTensorFlow();
await prepareBackend(tf);
await fit(smallModel(tf), smallData(), {
  ...EVERYTHING,
  seed: 5,
  checkpoints: { folder: process.argv[2] ?? '', everySteps: 1 },
  callbacks: [{ onStep: ({ step }) => process.stdout.write(`${step}\n`) }],
});
