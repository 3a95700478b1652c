/**
 * Terminal text to HTML: colours, weights and links of escape sequences as markup of ours, everything else escaped. What
 * a cell prints can never become other markup, and never a link to anything but a page. Where the cursor was moved,
 * `cursor.ts` has done so before; what is left of such sequences is not shown.
 */
import { type Colour, PLAIN, type Style, styled } from './sgr.ts';

const ESCAPE = String.fromCharCode(27);
const BELL = String.fromCharCode(7);
/** CSI, OSC with its end, or two characters. */
const SEQUENCE = new RegExp(
  String.raw`${ESCAPE}(?:\[([0-?]*)[ -/]*([@-~])|\]([^${BELL}${ESCAPE}]*)(?:${BELL}|${ESCAPE}\\)|[()][0-9A-Za-z]|[^[\]()${ESCAPE}])`,
  'y',
);
/** A sequence whose end has not come yet. */
const OPEN = new RegExp(String.raw`${ESCAPE}(?:\[[0-?]*[ -/]*|\][^${BELL}${ESCAPE}]*${ESCAPE}?|[()])?$`);
/** The end of this program's link, or the beginning of one: parameters, and an address. */
const LINK = /^8;[^;]*;(.*)$/;
const WEB = /^https?:\/\//i;

/** Turns text into HTML piece by piece; colours carry over from one piece to the next, as in a terminal. */
export class TerminalText {
  #style: Style = PLAIN;
  #link = '';
  /** The beginning of a sequence. */
  #rest = '';
  #shown = '';

  /**
   * What to do so that the drawn text becomes `text`: `append` the HTML when it only grew, else `replace` with it.
   * The receiver must follow every answer.
   */
  show(text: string): { how: 'append' | 'replace'; html: string } {
    const grew = text.length >= this.#shown.length && text.startsWith(this.#shown);
    const added = grew ? text.slice(this.#shown.length) : text;
    if (!grew) [this.#style, this.#link, this.#rest] = [PLAIN, '', ''];
    this.#shown = text;
    return { how: grew ? 'append' : 'replace', html: this.#html(this.#rest + added) };
  }

  #html(text: string): string {
    this.#rest = OPEN.exec(text)?.[0] ?? '';
    const end = text.length - this.#rest.length;
    const parts: string[] = [];
    for (let at = 0; at < end; ) {
      const next = text.indexOf(ESCAPE, at);
      const stop = next < 0 || next > end ? end : next;
      if (stop > at) parts.push(this.#span(text.slice(at, stop)));
      if (stop === end) break;
      SEQUENCE.lastIndex = stop;
      const found = SEQUENCE.exec(text);
      if (found) this.#obey(found);
      at = stop + (found?.[0].length ?? 1);
    }
    return parts.join('');
  }

  #obey([, numbers = '', command, told]: RegExpExecArray): void {
    if (command === 'm') this.#style = styled(this.#style, numbers);
    const address = told === undefined ? undefined : LINK.exec(told)?.[1];
    if (address !== undefined) this.#link = WEB.test(address) ? address : '';
  }

  #span(text: string): string {
    const { classes, style } = look(this.#style);
    const inner = escaped(text);
    const marked =
      classes.length === 0 && style === ''
        ? inner
        : `<span${classes.length > 0 ? ` class="${classes.join(' ')}"` : ''}${style === '' ? '' : ` style="${style}"`}>${inner}</span>`;
    if (this.#link === '') return marked;
    const address = escaped(this.#link);
    return `<a href="${address}" title="${address}" target="_blank" rel="noopener noreferrer nofollow">${marked}</a>`;
  }
}

/** Classes for what has a name, and a style for colours that have none. */
function look(style: Style): { classes: string[]; style: string } {
  const classes: string[] = [];
  if (style.bold) classes.push('ansi-bold');
  if (style.faint) classes.push('ansi-faint');
  if (style.italic) classes.push('ansi-italic');
  if (style.underline) classes.push('ansi-underline');
  if (style.overline) classes.push('ansi-overline');
  if (style.strike) classes.push('ansi-strike');
  if (style.conceal) classes.push('ansi-conceal');
  if (style.inverse) classes.push('ansi-inverse');
  const variables: string[] = [];
  const add = (colour: Colour | null, side: 'fg' | 'bg'): void => {
    if (colour === null) return;
    if ('name' in colour) {
      classes.push(`ansi-${colour.name}-${side}`);
      if (side === 'bg') classes.push('ansi-ground');
    } else {
      classes.push(`ansi-rgb-${side}`);
      variables.push(`--ansi-${side}:rgb(${colour.rgb.join(' ')})`);
    }
  };
  add(style.fg, 'fg');
  add(style.bg, 'bg');
  return { classes, style: variables.join(';') };
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#x27;' };
const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? '');

/** A whole text at once. */
export const terminalHtml = (text: string): string => new TerminalText().show(text).html;
