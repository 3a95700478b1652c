import { describe, expect, it } from 'vitest';
import { Refusal } from '../http/refusal.ts';
import { failure } from './failure.ts';
import { parameter } from './main.ts';

describe('parameter', () => {
  it('reads JSON values, and everything else as text', () => {
    let params = parameter('epochs=3');
    params = parameter('optimizer=adam', params);
    params = parameter('layers=[8,16]', params);
    params = parameter('note=a=b', params);
    expect(params).toEqual({ epochs: 3, optimizer: 'adam', layers: [8, 16], note: 'a=b' });
  });
  it.each(['epochs', '=3', 'not a name=1', '1x=2'])('refuses %s', (text) => {
    expect(() => parameter(text)).toThrow();
  });
});

describe('failure', () => {
  it('says what, where and what to do', () => {
    const refusal = new Refusal(409, {
      error: 'x',
      message: 'port 8700 is in use',
      where: '127.0.0.1:8700',
      fix: 'try --port 8701',
    });
    expect(failure(refusal)).toBe(
      'trialroom: port 8700 is in use\n  where: 127.0.0.1:8700\n  what to do: try --port 8701',
    );
  });
  it('keeps stacks for those who debug', () => {
    expect(failure(new Error('no'))).toBe('trialroom: no');
  });
});
