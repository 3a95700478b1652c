import { afterEach, expect, it } from 'vitest';
import { asCell, unharmed } from './intrinsics.ts';
import { enter, leave, recoverWhole, unprotected, whenWhole, whole } from './whole.ts';

afterEach(recoverWhole);

it('puts a stop off until all of it is done, however it ends', () => {
  const log: string[] = [];
  const stop = (): boolean => whenWhole(() => log.push('stopped'));
  expect(stop()).toBe(false);
  expect(() =>
    whole(() => {
      whole(() => log.push(`put off: ${stop()}`));
      log.push('inner done');
      throw new Error('ended by an error');
    }),
  ).toThrow('ended by an error');
  expect(log).toEqual(['put off: true', 'inner done', 'stopped']);
  whole(() => {});
  expect(log).toHaveLength(3);
});

it('holds for the kernel’s code, and not for what a cell does within it', () => {
  const put: boolean[] = [];
  const stop = (): void => void put.push(whenWhole(() => {}));
  unharmed(() => {
    stop();
    asCell(() => {
      stop();
      unharmed(stop);
    });
    stop();
  });
  whole(() => unprotected(stop));
  stop();
  expect(put).toEqual([true, false, true, true, false, false]);
});

it('is nothing any more after code that was ended within it', () => {
  enter();
  whenWhole(() => expect.fail('of a stop that is over'));
  recoverWhole();
  leave();
  expect(whenWhole(() => {})).toBe(false);
  enter();
  expect(whenWhole(() => {})).toBe(true);
});
