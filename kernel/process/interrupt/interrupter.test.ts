import { expect, it } from 'vitest';
import { MET } from '../channel.ts';
import { Interrupter } from './interrupt.ts';

it('finds the end of a turn on a thread whose answers always come after the next question', async () => {
  const pings: number[] = [];
  let questions = 0;
  const main = {
    post: async () => {
      questions++;
      // Only the newest ping has not been heard yet.
      const heard = pings.splice(0, questions > 1 && pings.length === 1 ? 1 : pings.length - 1);
      for (const serial of heard) interrupter.pong(serial);
      return { result: { value: MET.other } };
    },
  };
  const interrupter: Interrupter = new Interrupter(
    main,
    (message) => void (message.op === 'ping' && pings.push(message.serial)),
    () => {},
  );
  interrupter.pong(0);
  await interrupter.stop();
  expect(questions).toBeLessThan(5);
});
