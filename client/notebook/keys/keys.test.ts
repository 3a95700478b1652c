import { describe, expect, it } from 'vitest';
import { BINDINGS, CHORD_MS, type Chord, type Command, decide, type KeyPress, type Mode } from './keys.ts';

const press = (key: string, more: Partial<KeyPress> = {}): KeyPress => ({
  key,
  shift: false,
  alt: false,
  mod: false,
  at: 0,
  ...more,
});

const commandOf = (mode: Mode, key: string, more: Partial<KeyPress> = {}, chord: Chord | null = null): Command | null =>
  decide(mode, chord, press(key, more)).command;

describe('keys', () => {
  it.each<[string, Partial<KeyPress>, Command]>([
    ['Enter', { shift: true }, 'run-next'],
    ['Enter', { mod: true }, 'run'],
    ['Enter', { alt: true }, 'run-insert'],
    ['ArrowUp', { mod: true, shift: true }, 'move-up'],
    ['ArrowDown', { mod: true, shift: true }, 'move-down'],
  ])('%s with %o means %s in both modes', (key, more, command) => {
    expect(commandOf('command', key, more)).toBe(command);
    expect(commandOf('edit', key, more)).toBe(command);
  });

  it.each<[string, Command]>([
    ['Enter', 'edit'],
    ['a', 'insert-above'],
    ['b', 'insert-below'],
    ['m', 'to-markdown'],
    ['y', 'to-code'],
    ['r', 'to-raw'],
    ['j', 'next'],
    ['k', 'previous'],
    ['ArrowDown', 'next'],
    ['ArrowUp', 'previous'],
    ['z', 'undo'],
    ['x', 'cut'],
    ['c', 'copy'],
    ['v', 'paste-below'],
    ['o', 'toggle-outputs'],
    ['2', 'heading-2'],
    ['h', 'keys'],
  ])('%s means %s in command mode and is typed in edit mode', (key, command) => {
    expect(commandOf('command', key)).toBe(command);
    expect(commandOf('edit', key)).toBeNull();
  });

  it('leaves edit mode with Escape', () => {
    expect(commandOf('edit', 'Escape')).toBe('leave');
    expect(commandOf('command', 'Escape')).toBeNull();
  });

  it.each<[string, Command]>([
    ['d', 'delete'],
    ['i', 'interrupt'],
    ['0', 'restart'],
  ])('%s twice means %s, once means nothing', (key, command) => {
    const first = decide('command', null, press(key, { at: 100 }));
    expect(first.command).toBeNull();
    expect(commandOf('command', key, { at: 100 + CHORD_MS }, first.chord)).toBe(command);
    expect(commandOf('command', key, { at: 101 + CHORD_MS }, first.chord)).toBeNull();
  });

  it('forgets the first press when another key comes between', () => {
    const first = decide('command', null, press('d', { at: 0 }));
    const between = decide('command', first.chord, press('j', { at: 10 }));
    expect(commandOf('command', 'd', { at: 20 }, between.chord)).toBeNull();
    const other = decide('command', first.chord, press('i', { at: 10 }));
    expect(commandOf('command', 'd', { at: 20 }, other.chord)).toBeNull();
  });

  it('leaves the browser its own keys', () => {
    for (const key of ['b', 'd', 'c', 'x', 'v', 'r', 'k']) expect(commandOf('command', key, { mod: true })).toBeNull();
    expect(commandOf('command', 'z', { mod: true })).toBe('undo');
    expect(commandOf('command', 'z', { mod: true, shift: true })).toBe('redo');
    expect(commandOf('edit', 'z', { mod: true })).toBeNull();
  });

  it('splits at the cursor only in the text, whatever the keyboard calls the key', () => {
    for (const key of ['-', '_']) {
      expect(commandOf('edit', key, { mod: true, shift: true })).toBe('split');
      expect(commandOf('command', key, { mod: true, shift: true })).toBeNull();
    }
  });

  it('gives no key two meanings', () => {
    for (const mode of ['command', 'edit'] as const) {
      const keys = BINDINGS.filter(({ mode: where }) => where === mode || where === 'both').flatMap(({ keys }) => [
        ...keys,
      ]);
      expect(new Set(keys).size).toBe(keys.length);
      // A key pressed twice must not mean something when it is pressed once.
      for (const key of keys) if (key.includes(' ')) expect(keys).not.toContain(key.split(' ')[0]);
    }
  });
});
