import { metadataOf } from '@trialroom/shared/notebook/document';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { backendOf, isReactive, setBackend, setReactive } from './settings.ts';

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

describe('setBackend', () => {
  it('keeps what others wrote beside it, and leaves nothing behind when the choice is given back', () => {
    const doc = new Y.Doc();
    setReactive(doc, true);
    setBackend(doc, 'wasm');
    expect(metadataOf(doc).toJSON()).toEqual({ trialroom: { reactive: true, backend: 'wasm' } });
    expect(backendOf(doc)).toBe('wasm');
    setReactive(doc, false);
    setBackend(doc, null);
    expect(metadataOf(doc).toJSON()).toEqual({});
    expect(backendOf(doc)).toBeNull();
  });

  it('shows a name that is of no engine as it stands', () => {
    const doc = new Y.Doc();
    metadataOf(doc).set('trialroom', { backend: 'tpu' });
    expect(backendOf(doc)).toBe('tpu');
  });
});
