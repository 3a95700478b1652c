/** Outputs that stay where they were told to go, and what is still said of a run that fails. */
import { describe, expect, it } from 'vitest';
import { FINISHED, nativeFailure, nativeSession, nativeTensor } from './native.ts';
import { encodeModel, type OnnxModel } from './onnx.ts';

const LENGTH = 30_000;
const value = (name: string) => ({ name, type: 'float32', dims: [LENGTH] }) as const;
const double: OnnxModel = {
  nodes: [{ type: 'Add', inputs: ['x', 'x'], outputs: ['y'], attributes: {}, domain: '' }],
  constants: [],
  inputs: [value('x')],
  outputs: [value('y')],
  sequence: FINISHED,
};

describe.skipIf(nativeFailure() !== undefined)('a native session', () => {
  it('writes its outputs in place, copied or not', () => {
    const session = nativeSession(encodeModel(double), 1);
    const numbers = Float32Array.from({ length: LENGTH }, (_, index) => index);
    const x = nativeTensor('float32', numbers, [LENGTH]);
    for (const more of [{}, { [FINISHED]: null }]) {
      const y = new Float32Array(LENGTH);
      session.run({ x }, { y: nativeTensor('float32', y, [LENGTH]), ...more });
      expect(y).toEqual(numbers.map((number) => 2 * number));
    }
    session.dispose();
  });

  it('keeps nothing of its outputs where they are not copied', () => {
    const session = nativeSession(encodeModel(double), 1);
    const x = nativeTensor('float32', new Float32Array(LENGTH), [LENGTH]);
    const y = nativeTensor('float32', new Float32Array(LENGTH), [LENGTH]);
    const before = process.memoryUsage().arrayBuffers;
    for (let time = 0; time < 20; time++) session.run({ x }, { y, [FINISHED]: null });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(LENGTH * 4);
    session.dispose();
  });

  it('says what is wrong with a run, copied or not', () => {
    const session = nativeSession(encodeModel(double), 1);
    const x = nativeTensor('float32', new Float32Array(2), [2]);
    const y = nativeTensor('float32', new Float32Array(LENGTH), [LENGTH]);
    for (const more of [{}, { [FINISHED]: null }]) {
      expect(() => session.run({ x }, { y, ...more })).toThrow(/invalid dimensions/i);
    }
    session.dispose();
  });
});
