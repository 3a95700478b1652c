/** The thread that keeps and sends what is said of a trial of `trialroom run`. What the kernel uses comes as messages. */
import { keepAndSend } from '@trialroom/shared/remote/sender';

await keepAndSend();
