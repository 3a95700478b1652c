import { metadataOf } from '@trialroom/shared/notebook/document';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { isReactive, setReactive } from './reactive.ts';

describe('setReactive', () => {
  it('keeps what others wrote beside it, and leaves nothing behind when switched off', () => {
    const doc = new Y.Doc();
    setReactive(doc, true);
    expect(metadataOf(doc).toJSON()).toEqual({ trialroom: { reactive: true } });
    setReactive(doc, false);
    expect(metadataOf(doc).toJSON()).toEqual({});
    metadataOf(doc).set('trialroom', { colour: 'petrol' });
    setReactive(doc, true);
    expect(metadataOf(doc).get('trialroom')).toEqual({ colour: 'petrol', reactive: true });
    setReactive(doc, false);
    expect(metadataOf(doc).get('trialroom')).toEqual({ colour: 'petrol' });
  });

  it('is off when the metadata holds something else', () => {
    for (const odd of [null, 7, 'true', [true], { reactive: 'yes' }]) {
      const doc = new Y.Doc();
      metadataOf(doc).set('trialroom', odd);
      expect(isReactive(doc)).toBe(false);
    }
  });
});
