/**
 * Terminal text to HTML: colours and weights of escape sequences as classes, everything else escaped. What a cell
 * prints can never become markup or a link of ours.
 */
import { AnsiUp } from 'ansi_up';

/** Turns text into HTML piece by piece; colours carry over from one piece to the next, as in a terminal. */
export class TerminalText {
  readonly #ansi = new AnsiUp();
  #shown = '';

  constructor() {
    this.#ansi.use_classes = true;
    this.#ansi.escape_html = true;
    this.#ansi.url_allowlist = {};
  }

  /**
   * What to do so that the drawn text becomes `text`: `append` the HTML when it only grew, else `replace` with it.
   * The receiver must follow every answer.
   */
  show(text: string): { how: 'append' | 'replace'; html: string } {
    if (text.length >= this.#shown.length && text.startsWith(this.#shown)) {
      const html = this.#ansi.ansi_to_html(text.slice(this.#shown.length));
      this.#shown = text;
      return { how: 'append', html };
    }
    // A reset sequence first: colours of the replaced text must not reach into the new one.
    const html = this.#ansi.ansi_to_html(`\u001b[0m${text}`);
    this.#shown = text;
    return { how: 'replace', html };
  }
}

/** A whole text at once. */
export const terminalHtml = (text: string): string => new TerminalText().show(text).html;
