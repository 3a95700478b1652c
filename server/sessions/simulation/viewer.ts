/**
 * For the simulation: what one page knows of runs and outputs, by the snapshot and the events it was sent. The order of
 * events is the product's own (`shared/live/feed`), and so is how outputs follow from events.
 */
import type { NotebookSnapshot, ServerToClient } from '@trialroom/shared/live/events';
import { createFeed } from '@trialroom/shared/live/feed';
import { foldOutput, type Output } from '@trialroom/shared/notebook/outputs';
import { changeConsole, type SessionState } from '@trialroom/shared/notebook/session';

type Payload<E extends keyof ServerToClient> = Parameters<ServerToClient[E]>[0];

/** Numbered events that say something of runs. */
export type LiveEvent =
  | { type: 'session'; payload: Payload<'session'> }
  | { type: 'output'; payload: Payload<'output'> };

export class Viewer {
  session: SessionState | null = null;
  outputs: Readonly<Record<string, readonly Output[]>> = {};
  /** Most marks of an execution that were ever shown here. */
  readonly seen = new Map<string, number>();
  /** On their way to the page. */
  #down: (() => void)[] = [];
  /** On its way to the server: the page wants to watch. */
  #asked: number | null = null;
  #joined = false;
  readonly #feed = createFeed<NotebookSnapshot, LiveEvent>({
    load: ({ session, outputs }) => {
      this.session = session;
      this.outputs = outputs;
    },
    apply: (event) => this.#apply(event),
    rewatch: () => this.connect(),
  });

  connect(): void {
    this.#asked = this.#feed.begin();
  }

  disconnect(): void {
    this.#down = [];
    this.#asked = null;
    this.#joined = false;
  }

  /** From the server: something happened. */
  hear(event: LiveEvent): void {
    if (this.#joined) this.#down.push(() => this.#feed.receive(event, { seq: event.payload.seq }));
  }

  /** Lets the next message arrive, there or here; false when there is none. */
  arrive(snapshot: () => NotebookSnapshot): boolean {
    if (this.#asked !== null) {
      const ticket = this.#asked;
      this.#asked = null;
      this.#joined = true;
      const answer = snapshot();
      this.#down.push(() => this.#feed.snapshot(ticket, answer));
      return true;
    }
    const next = this.#down.shift();
    next?.();
    return next !== undefined;
  }

  #apply({ type, payload }: LiveEvent): void {
    if (type === 'output') {
      const before = payload.begin ? [] : (this.outputs[payload.cell] ?? []);
      const shown = payload.events.reduce<Output[]>(foldOutput, [...before]);
      this.outputs = { ...this.outputs, [payload.cell]: shown };
      this.seen.set(payload.execution, Math.max(this.seen.get(payload.execution) ?? 0, marksIn(shown).length));
      return;
    }
    if (!this.session) return;
    const cells = { ...this.session.cells };
    for (const [id, cell] of Object.entries(payload.cells)) {
      if (cell) cells[id] = cell;
      else delete cells[id];
    }
    const console = payload.console ? changeConsole(this.session.console, payload.console) : this.session.console;
    this.session = { ...payload.state, console, cells };
  }
}

/** What a simulated kernel said, as far as it is in these outputs, in the order in which it stands there. */
export function marksIn(outputs: readonly Output[]): string[] {
  const words = outputs.map((output) => {
    if (output.type === 'stream') return output.text;
    if (output.type === 'error') return output.error.message;
    return output.type === 'display' && output.id === 'source' ? '' : String(output.data['text/plain']);
  });
  return words.join('').match(/\[[^\]]*\]/g) ?? [];
}
