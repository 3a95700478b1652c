import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Rehearsal } from './rehearsal.ts';

it('says all that a short cell makes a kernel say, each time', async () => {
  const rehearsal = new Rehearsal();
  for (let cells = 1; cells <= 40; cells++) {
    rehearsal.again();
    if (cells % 10 !== 0) continue;
    await turn();
    // Busy, the input, the result, the reply, idle.
    expect(rehearsal.said).toBe(cells * 5);
  }
});
