import { MIME } from '@trialroom/shared/notebook/outputs';
import { describe, expect, it } from 'vitest';
import { blobsOf, wholeTable } from './blob-data.ts';

const part = { sha256: 'a'.repeat(64), bytes: 5, mime: 'text/html', preview: '<b>' };
const csv = { ...part, sha256: 'b'.repeat(64), mime: 'text/csv' };

describe('blobs', () => {
  it('are read with the others of the same value', () => {
    expect(blobsOf({ ...part, others: [csv] })).toEqual([part, csv]);
    expect(blobsOf(part)).toEqual([part]);
  });

  it('of strangers are none', () => {
    for (const value of [null, {}, { ...part, sha256: '../../x' }]) expect(blobsOf(value)).toEqual([]);
  });
});

describe('the whole of a table', () => {
  it('is in the store, or with the value', () => {
    expect(wholeTable({ [MIME.blob]: { ...part, others: [csv] } })).toEqual({
      address: `/api/blobs/${csv.sha256}`,
      bytes: 5,
    });
    expect(wholeTable({ 'text/csv': 'a\r\né\r\n' })).toEqual({
      address: 'data:text/csv;charset=utf-8,a%0D%0A%C3%A9%0D%0A',
      bytes: 7,
    });
    expect(wholeTable({ 'text/html': '<table>' })).toBeNull();
  });
});
