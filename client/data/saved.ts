/**
 * Counts, for one connection at a time, the document updates sent to the server and those it has made durable. It never
 * guesses: an edit counts as saved only after the server said so. Counting messages rather than comparing Yjs clocks
 * also covers deletions, which no clock shows.
 */

/** Outer message type of y-protocols' sync messages, and the inner types that carry an update. */
const SYNC = 0;
const STEP_2 = 1;
const UPDATE = 2;

export class SavedLedger {
  #sent = 0;
  #stored = 0;
  #unsaved = false;

  /** Something was written here; it may not have been sent. */
  edited(): void {
    this.#unsaved = true;
  }

  /** A new connection counts from nought. What was not saved on the old one is sent again on this one. */
  connected(): void {
    this.#sent = 0;
    this.#stored = 0;
  }

  /** A message went out; only those that carry an update count. */
  sent(message: Uint8Array): void {
    if (message[0] === SYNC && (message[1] === STEP_2 || message[1] === UPDATE)) this.#sent++;
  }

  /** The server has stored this many of the connection's updates. Returns true when that settles everything. */
  stored(count: number): boolean {
    this.#stored = Math.max(this.#stored, count);
    // Until the first update of a connection is out, edits from before it are still only here.
    if (this.#sent === 0 || this.#stored < this.#sent) return false;
    this.#unsaved = false;
    return true;
  }

  /** True while something written here is not known to be durable. */
  get unsaved(): boolean {
    return this.#unsaved;
  }
}
