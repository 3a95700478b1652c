/** Images pasted or dropped into a text become part of the notebook. */
import type { Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import type { CellType } from '@trialroom/shared/notebook/document';

const imagesOf = (transfer: DataTransfer | null): File[] =>
  [...(transfer?.files ?? [])].filter(({ type }) => type.startsWith('image/'));

/** Only in text cells: an image in code would be a string of nonsense. */
export function images(options: {
  type: CellType;
  editable: boolean;
  onImages(files: readonly File[]): Promise<string>;
}): Extension {
  const take = (view: EditorView, event: Event, files: readonly File[], at: number): boolean => {
    if (options.type !== 'markdown' || view.state.readOnly || files.length === 0) return false;
    event.preventDefault();
    void options.onImages(files).then((text) => {
      const place = Math.min(at, view.state.doc.length);
      if (text) view.dispatch({ changes: { from: place, insert: text }, selection: { anchor: place + text.length } });
    });
    return true;
  };
  return EditorView.domEventHandlers({
    paste: (event, view) => take(view, event, imagesOf(event.clipboardData), view.state.selection.main.head),
    drop: (event, view) => {
      const at = view.posAtCoords({ x: event.clientX, y: event.clientY }) ?? view.state.doc.length;
      return take(view, event, imagesOf(event.dataTransfer), at);
    },
  });
}
