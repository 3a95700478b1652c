/**
 * Remarks of the type checker as squiggles under the text. They never keep a cell from running, and they do not wear the
 * colour of a failed run.
 */
import { forEachDiagnostic, type Diagnostic as Lint, setDiagnostics } from '@codemirror/lint';
import type { EditorState } from '@codemirror/state';
import type { EditorView } from '@codemirror/view';
import type { Diagnostic } from '@trialroom/shared/language/language';
import { element } from './help.ts';

/** Shows these remarks, and no others. What lies outside of the text, because the text moved on, is left out. */
export function showRemarks(view: EditorView, remarks: readonly Diagnostic[]): void {
  if (remarks.length === 0 && !hasRemarks(view.state)) return;
  const { length } = view.state.doc;
  const lints = remarks.flatMap((remark): Lint[] => {
    const from = Math.max(0, Math.min(remark.from, length));
    const to = Math.max(from, Math.min(remark.to, length));
    if (remark.from > length) return [];
    return [
      {
        from,
        to,
        severity: remark.severity,
        message: remark.message,
        renderMessage: () => message(remark),
      },
    ];
  });
  view.dispatch(setDiagnostics(view.state, lints));
}

function hasRemarks(state: EditorState): boolean {
  let any = false;
  forEachDiagnostic(state, () => {
    any = true;
  });
  return any;
}

/** A remark in words. */
export const wordsOf = ({ message: text }: Diagnostic): string => `TypeScript: ${text}`;

function message(remark: Diagnostic): HTMLElement {
  const line = element('p', 'help-remark');
  line.append(element('b', '', 'TypeScript:'), ` ${remark.message}`);
  if (remark.code !== undefined) line.append(' ', element('small', 'num', String(remark.code)));
  return line;
}
