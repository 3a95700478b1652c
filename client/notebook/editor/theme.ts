/** How code looks: weight and ink first, three hues at most, all from the token file. */
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import type { Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { tags as t } from '@lezer/highlight';

const look = EditorView.theme({
  '&': { backgroundColor: 'transparent', color: 'var(--code-text)', fontSize: 'var(--text-code)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--voice-machine)', lineHeight: 'var(--leading-code)', overflowX: 'auto' },
  '.cm-content': { padding: '2px 0 6px', caretColor: 'var(--ink-1)' },
  '.cm-line': { padding: '0 var(--s-2) 0 0' },
  '.cm-cursor, .cm-dropCursor': { borderLeftColor: 'var(--ink-1)', borderLeftWidth: '1.5px' },
  '.cm-selectionBackground': { background: 'transparent' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground': { background: 'var(--select-text)' },
  '.cm-gutters': { backgroundColor: 'var(--surface-0)', border: 'none', color: 'var(--ink-3)' },
  '.cm-lineNumbers .cm-gutterElement': {
    minWidth: 'calc(var(--lnno) + var(--lnno-gap))',
    padding: '0 var(--lnno-gap) 0 0',
    fontSize: 'var(--text-micro)',
    lineHeight: 'calc(var(--text-code) * var(--leading-code))',
    fontVariantNumeric: 'var(--figures)',
    textAlign: 'right',
  },
  '&.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--surface-3)', outline: 'none' },
  '&.cm-focused .cm-nonmatchingBracket': { backgroundColor: 'var(--wash-failed)' },
  '&:not(.cm-focused) .cm-matchingBracket, &:not(.cm-focused) .cm-nonmatchingBracket': {
    backgroundColor: 'transparent',
  },
  '.cm-activeLine': { backgroundColor: 'var(--accent-wash)' },
  '.cm-selectionMatch': { backgroundColor: 'var(--accent-wash)' },
  '.cm-searchMatch': { backgroundColor: 'var(--wash-attend)', outline: '1px solid var(--status-paused)' },
  '.cm-searchMatch-selected': { backgroundColor: 'var(--accent-wash)', outlineColor: 'var(--accent)' },
  '.cm-panels': { backgroundColor: 'var(--surface-2)', color: 'var(--ink-2)', border: 'none' },
  '.cm-panel.cm-search': { font: 'var(--text-small) var(--voice-instrument)', padding: 'var(--s-2)' },
  '.cm-panel.cm-search input, .cm-panel.cm-search button': { font: 'inherit', color: 'inherit' },
  '.cm-placeholder': { color: 'var(--ink-3)', fontStyle: 'italic' },
});

const colours = HighlightStyle.define([
  {
    tag: [
      t.keyword,
      t.operatorKeyword,
      t.modifier,
      t.controlKeyword,
      t.definitionKeyword,
      t.moduleKeyword,
      t.self,
      t.null,
      t.bool,
    ],
    color: 'var(--code-keyword)',
    fontWeight: '500',
  },
  { tag: [t.typeName, t.className, t.namespace, t.tagName], color: 'var(--code-type)' },
  { tag: [t.string, t.special(t.string), t.regexp, t.url], color: 'var(--code-string)' },
  { tag: [t.number, t.escape], color: 'var(--code-number)' },
  { tag: [t.comment, t.meta], color: 'var(--code-comment)', fontStyle: 'italic' },
  { tag: [t.function(t.variableName), t.function(t.propertyName)], color: 'var(--code-function)', fontWeight: '600' },
  { tag: [t.punctuation, t.operator, t.bracket, t.separator], color: 'var(--code-punct)' },
  { tag: t.heading, color: 'var(--ink-1)', fontWeight: '600' },
  { tag: t.strong, fontWeight: '600' },
  { tag: t.emphasis, fontStyle: 'italic' },
  { tag: [t.link, t.monospace], color: 'var(--code-type)' },
  { tag: t.invalid, color: 'var(--status-failed)' },
]);

/** The look of code in all editors, in light and dark. */
export const codeTheme: Extension = [look, syntaxHighlighting(colours)];
