import fc from 'fast-check';
import * as encoding from 'lib0/encoding';
import { describe, expect, it } from 'vitest';
import * as sync from 'y-protocols/sync';
import * as Y from 'yjs';
import { SavedLedger } from './saved.ts';

function message(write: (encoder: encoding.Encoder, doc: Y.Doc) => void): Uint8Array {
  const doc = new Y.Doc();
  doc.getText('t').insert(0, 'text');
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, 0);
  write(encoder, doc);
  return encoding.toUint8Array(encoder);
}
const step1 = message((encoder, doc) => sync.writeSyncStep1(encoder, doc));
const step2 = message((encoder, doc) => sync.writeSyncStep2(encoder, doc));
const update = message((encoder, doc) => sync.writeUpdate(encoder, Y.encodeStateAsUpdate(doc)));
const awareness = Uint8Array.of(1, 2, 0, 0);

describe('SavedLedger', () => {
  it('has nothing to save until something is written', () => {
    expect(new SavedLedger().unsaved).toBe(false);
  });

  it('is unsaved from the edit until the server stored the last update', () => {
    const ledger = new SavedLedger();
    ledger.connected();
    ledger.sent(step2);
    for (let edit = 0; edit < 2; edit++) {
      ledger.edited();
      ledger.sent(update);
    }
    expect(ledger.stored(2)).toBe(false);
    expect(ledger.unsaved).toBe(true);
    expect(ledger.stored(3)).toBe(true);
    expect(ledger.unsaved).toBe(false);
  });

  it('counts only messages that carry an update', () => {
    const ledger = new SavedLedger();
    ledger.connected();
    ledger.edited();
    ledger.sent(step1);
    ledger.sent(awareness);
    expect(ledger.stored(0)).toBe(false);
    ledger.sent(update);
    ledger.sent(awareness);
    expect(ledger.stored(1)).toBe(true);
  });

  it('keeps an offline edit unsaved until the new connection carried it', () => {
    const ledger = new SavedLedger();
    ledger.connected();
    ledger.sent(step2);
    ledger.stored(1);
    ledger.edited();
    ledger.connected();
    expect(ledger.stored(0)).toBe(false);
    expect(ledger.unsaved).toBe(true);
    ledger.sent(step2);
    expect(ledger.stored(1)).toBe(true);
  });

  it('never says saved while an update is on its way', () => {
    const happening = fc.constantFrom('edit', 'store', 'reconnect');
    fc.assert(
      fc.property(fc.array(happening), (happenings) => {
        const ledger = new SavedLedger();
        let onWay = 0;
        let total = 0;
        for (const what of happenings) {
          if (what === 'edit') {
            ledger.edited();
            ledger.sent(update);
            onWay++;
            total++;
          } else if (what === 'store' && onWay > 0) {
            onWay--;
            ledger.stored(total - onWay);
          } else if (what === 'reconnect') {
            ledger.connected();
            ledger.sent(step2);
            total = 1;
            onWay = 1;
          }
          if (total > 0 && onWay > 0 && happenings.includes('edit') && what === 'edit')
            expect(ledger.unsaved).toBe(true);
        }
      }),
    );
  });
});
