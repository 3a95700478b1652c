/** How what floats above code looks: one quiet sheet each, in the page's tokens. Its insides are styled by `help.css`. */
import { EditorView } from '@codemirror/view';

/** The look of completions, hovers and remarks. */
export const floating = EditorView.theme({
  '.cm-tooltip': {
    backgroundColor: 'var(--surface-1)',
    color: 'var(--ink-2)',
    border: 'none',
    borderRadius: 'var(--radius-2)',
    boxShadow: 'var(--lift)',
    font: 'var(--text-ui) / var(--leading-ui) var(--voice-instrument)',
    zIndex: '30',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': {
    fontFamily: 'var(--voice-machine)',
    fontSize: 'var(--text-code)',
    maxHeight: '17.5rem',
    minWidth: '16rem',
    maxWidth: 'min(36rem, 92vw)',
    padding: 'var(--s-1) 0',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': {
    display: 'flex',
    alignItems: 'baseline',
    gap: 'var(--s-2)',
    height: '1.5rem',
    padding: '0 var(--s-3) 0 var(--s-2)',
    lineHeight: '1.5rem',
    color: 'var(--ink-1)',
  },
  '.cm-tooltip-autocomplete ul li[aria-selected]': {
    background: 'var(--accent-wash)',
    color: 'var(--ink-1)',
  },
  '.cm-completionLabel': { overflow: 'hidden', textOverflow: 'ellipsis', flex: '0 1 auto' },
  '.cm-completionMatchedText': { textDecoration: 'none', fontWeight: '600', color: 'var(--accent)' },
  '.cm-completionDetail': {
    flex: '1 10 0',
    marginLeft: 'var(--s-3)',
    overflow: 'hidden',
    textOverflow: 'ellipsis',
    textAlign: 'right',
    fontStyle: 'normal',
    fontSize: 'var(--text-small)',
    color: 'var(--ink-3)',
  },
  '.cm-tooltip.cm-completionInfo': {
    whiteSpace: 'normal',
    padding: 'var(--s-2) var(--s-3)',
    maxWidth: '26rem',
    maxHeight: '17.5rem',
    overflow: 'auto',
  },
  // On a phone it would cover what is being written.
  '@media (max-width: 760px)': { '.cm-tooltip.cm-completionInfo': { display: 'none' } },
  '.cm-tooltip-hover': { maxWidth: 'min(40rem, 92vw)' },
  '.cm-tooltip-section:not(:first-child)': { borderTop: 'var(--hair) solid var(--rule)' },
  '.cm-tooltip-lint': { padding: '0' },
  '.cm-diagnostic': { padding: 'var(--s-2) var(--s-3)', border: 'none', marginLeft: '0' },
  '.cm-diagnostic-error, .cm-diagnostic-warning, .cm-diagnostic-info': { borderLeft: 'none' },
  '.cm-lintRange': { backgroundImage: 'none', paddingBottom: '0' },
  '.cm-lintRange-error, .cm-lintRange-warning, .cm-lintRange-info': {
    backgroundImage: 'none',
    textDecoration: 'underline wavy var(--status-paused) 1px',
    textUnderlineOffset: '3px',
    textDecorationSkipInk: 'none',
  },
  '.cm-lintRange-info': { textDecoration: 'underline dotted var(--ink-4) 1px' },
  '.cm-lintRange-active': { backgroundColor: 'transparent' },
  '.cm-lintPoint': { '&:after': { borderBottomColor: 'var(--status-paused)' } },
});
