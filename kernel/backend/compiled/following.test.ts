/** Native sessions that change their number of threads while they are used. */
import { beforeAll, describe, expect, it } from 'vitest';
import { loadTensorFlow, type TensorFlow } from '../tensorflow.ts';
import { FollowingSession, KEPT_MS } from './following.ts';
import { lower } from './lower/lower.ts';
import { nativeFailure, nativeTensor } from './native.ts';
import { record } from './recorder.ts';

describe.skipIf(nativeFailure() !== undefined)('a session that follows', () => {
  let tf: TensorFlow;
  beforeAll(async () => {
    tf = loadTensorFlow();
    await tf.setBackend('cpu');
  });

  /** A session that doubles four numbers, with the strings that pull it. */
  function doubling() {
    const outline = { shape: [4], dtype: 'float32' as const };
    const { graph, inputs, outputs } = lower(
      record(tf, [outline], ([x]) => (x ? [x.add(x)] : [])),
      tf,
    );
    const strings = { threads: 2, now: 0, encoded: 0, full: false, repeatable: false };
    const encode = (): Uint8Array => {
      if (strings.full) throw new RangeError('Array buffer allocation failed');
      strings.encoded++;
      return graph.encode();
    };
    const session = new FollowingSession(encode, {
      wanted: () => strings.threads,
      now: () => strings.now,
      repeatable: () => strings.repeatable,
    });
    const run = (): number[] => {
      const result = new Float32Array(4);
      session.run(
        { [inputs[0] ?? '']: nativeTensor('float32', Float32Array.of(1, 2, 3, 4), [4]) },
        { [outputs[0] ?? '']: nativeTensor('float32', result, [4]) },
      );
      return [...result];
    };
    return { session, strings, run };
  }

  it('is made anew when another number of threads is wanted, at the next run', () => {
    const { session, strings, run } = doubling();
    expect([session.threads, strings.encoded]).toEqual([2, 1]);
    strings.now = KEPT_MS;
    expect(run()).toEqual([2, 4, 6, 8]);
    expect([session.threads, strings.encoded]).toEqual([2, 1]);
    strings.threads = 1;
    expect(run()).toEqual([2, 4, 6, 8]);
    expect([session.threads, strings.encoded]).toEqual([1, 2]);
    session.dispose();
  });

  it('is kept for a while, however often another number is wanted', () => {
    const { session, strings, run } = doubling();
    for (strings.now = 0; strings.now < KEPT_MS; strings.now += 100) {
      strings.threads = 1 + (strings.threads % 2);
      run();
    }
    expect([session.threads, strings.encoded]).toEqual([2, 1]);
    strings.threads = 1;
    run();
    expect([session.threads, strings.encoded]).toEqual([1, 2]);
    session.dispose();
  });

  it('does not wait where nothing may depend on the time', () => {
    const { session, strings, run } = doubling();
    Object.assign(strings, { threads: 1, repeatable: true });
    expect(run()).toEqual([2, 4, 6, 8]);
    expect([session.threads, strings.encoded]).toEqual([1, 2]);
    session.dispose();
  });

  it('runs on as it was where there is no memory for another, and tries again later', () => {
    const { session, strings, run } = doubling();
    Object.assign(strings, { now: KEPT_MS, threads: 1, full: true });
    expect(run()).toEqual([2, 4, 6, 8]);
    strings.full = false;
    expect(run()).toEqual([2, 4, 6, 8]);
    expect([session.threads, strings.encoded]).toEqual([2, 1]);
    strings.now += KEPT_MS;
    expect(run()).toEqual([2, 4, 6, 8]);
    expect([session.threads, strings.encoded]).toEqual([1, 2]);
    session.dispose();
  });
});
