/** What a name is, beside the pointer: its type, its documentation, and what it holds in the running kernel. */
import type { Extension } from '@codemirror/state';
import { hoverTooltip } from '@codemirror/view';
import { asked, type CodeHelp, element, helpText, liveMark, wordAt } from './help.ts';

/** Tells what a name is when the pointer rests on it. */
export function hover(help: CodeHelp): Extension {
  return hoverTooltip(
    async (view, pos) => {
      if (!wordAt(view.state, pos)) return null;
      const { doc } = view.state;
      const answer = await help.ask({ ask: 'hover', ...asked(help, view.state, pos) });
      const told = answer?.hover;
      // An answer about a text that is no longer there would point at something else.
      if (!told || view.state.doc !== doc || told.to > doc.length) return null;
      return {
        pos: told.from,
        end: told.to,
        above: true,
        create: () => {
          const dom = element('div', 'help-hover');
          if (told.text !== '') dom.append(helpText(told.text));
          if (told.value !== undefined) {
            const line = element('p', 'help-value');
            line.append(element('code', '', told.value), liveMark());
            dom.append(line);
          }
          return { dom };
        },
      };
    },
    { hoverTime: 350, hideOnChange: true },
  );
}
