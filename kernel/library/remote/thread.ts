/** The thread that keeps and sends what a script says. It is in the same process: what it samples is the script's use. */
import { keepAndSend } from '@trialroom/shared/remote/sender';
import { Sampler } from '../../process/usage/samples.ts';

const sampler = new Sampler();
await keepAndSend(() => sampler.take(performance.now()));
