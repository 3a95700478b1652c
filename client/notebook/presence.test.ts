import { describe, expect, it } from 'vitest';
import { Awareness } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { everyone, remoteCursors } from './presence.ts';

const doc = new Y.Doc();
const text = doc.getText('t');
text.insert(0, 'hello world');

function withStates(states: Record<number, unknown>, local: Record<string, unknown> | null = null): Awareness {
  const awareness = new Awareness(new Y.Doc());
  awareness.setLocalState(local);
  for (const [client, state] of Object.entries(states)) {
    awareness.states.set(Number(client), state as Record<string, unknown>);
  }
  return awareness;
}

const at = (index: number) => Y.relativePositionToJSON(Y.createRelativePositionFromTypeIndex(text, index));
const ada = { id: '1', name: 'Ada', colour: 'a' };
const ben = { id: '2', name: 'Ben', colour: 'b' };

describe('remoteCursors', () => {
  it('stays with the text around it', () => {
    const states = { 1: { user: ben, cursor: { cell: 'x', anchor: at(0), head: at(6) } } };
    const awareness = withStates(states);
    expect(remoteCursors(awareness, text, 'x')).toEqual([{ name: 'Ben', pen: 'var(--pen-b)', anchor: 0, head: 6 }]);
    text.insert(0, '>> ');
    expect(remoteCursors(awareness, text, 'x')[0]?.head).toBe(9);
    expect(remoteCursors(awareness, text, 'y')).toEqual([]);
    awareness.destroy();
  });

  it('passes over what makes no sense', () => {
    const awareness = withStates({
      1: { user: { ...ben, colour: 'red;background:url(x)' }, cursor: { cell: 'x', anchor: at(0), head: at(1) } },
      2: { user: ben, cursor: { cell: 'x', anchor: {}, head: 4 } },
      3: null,
      4: { cursor: { cell: 'x', anchor: at(0), head: at(1) } },
    });
    expect(remoteCursors(awareness, text, 'x')).toEqual([]);
    awareness.destroy();
  });
});

describe('everyone', () => {
  it('names each person once, this one first', () => {
    const awareness = withStates(
      { 1: { user: ben }, 2: { user: ada }, 3: { user: ben, cursor: { cell: 'x', anchor: at(0), head: at(0) } } },
      { user: { id: '3', name: 'Zoe', colour: 'c' } },
    );
    expect(everyone(awareness).map(({ name, cell }) => [name, cell])).toEqual([
      ['Zoe', null],
      ['Ada', null],
      ['Ben', 'x'],
    ]);
    awareness.destroy();
  });
});
