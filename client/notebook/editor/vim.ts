/**
 * Vim's keys in an editor, for those who want them; fetched when first asked for. Undo is the notebook's own, as everywhere
 * else, so that `u` never takes back what somebody else wrote.
 */
import type { Extension } from '@codemirror/state';
import { yUndoManagerKeymap } from 'y-codemirror.next';

let loading: Promise<Extension> | undefined;

/** The extension; must come before all other keys of the editor. */
export function vimKeys(): Promise<Extension> {
  loading ??= import('@replit/codemirror-vim').then(({ CodeMirror, vim }) => {
    const [undo, redo] = yUndoManagerKeymap;
    Object.assign(CodeMirror.commands, {
      undo: (editor: InstanceType<typeof CodeMirror>) => undo?.run?.(editor.cm6),
      redo: (editor: InstanceType<typeof CodeMirror>) => redo?.run?.(editor.cm6),
    });
    return vim({ status: true });
  });
  loading.catch(() => {
    // The next editor tries again.
    loading = undefined;
  });
  return loading;
}
