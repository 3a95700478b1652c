import { describe, expect, it } from 'vitest';
import { fillPath, queryString } from './address.ts';

describe('addresses', () => {
  it('are filled and escaped', () => {
    expect(fillPath('/api/trials/{id}/stop', { id: 'a/b c' })).toBe('/api/trials/a%2Fb%20c/stop');
  });

  it('name the part that has no value', () => {
    expect(() => fillPath('/api/trials/{id}', {})).toThrow('"id"');
  });

  it('carry a query without undefined values', () => {
    expect(queryString({ from: 1, to: undefined, keys: 'a,b' })).toBe('?from=1&keys=a%2Cb');
    expect(queryString(undefined)).toBe('');
  });
});
