/**
 * A widget as the code of a notebook holds it: a value that people change in the page and code reads, sets, waits for
 * and listens to. Everyone sees the same value; the last change wins. It becomes visible, for everyone, where it is shown.
 * Outside a notebook nobody can change it: it keeps its first value, and says so once.
 */
import { AsyncResource } from 'node:async_hooks';
import { MIME } from '@trialroom/shared/notebook/mime';
import { acceptValue } from '@trialroom/shared/notebook/widget-values';
import type { WidgetSpec } from '@trialroom/shared/notebook/widgets';
import { DISPLAY } from '../../display/bundle.ts';
import type { Displayable } from '../../display/display.ts';
import { newDisplayId } from '../../display/ids.ts';
import { host, type KernelHost } from '../../process/host.ts';
import { Mailbox } from './mailbox.ts';
import { drop, forget, push } from './pusher.ts';

/** Someone who changed a value. */
export interface WidgetPerson {
  id: string;
  name: string;
}

/** Called with the new value; `by` is the person, or undefined when the code itself changed it. */
export type WidgetListener<T> = (value: T, by: WidgetPerson | undefined) => void;

/** How a kind of widget's value travels, and what code sees of it. */
export interface WidgetForm<T> {
  spec: WidgetSpec;
  /** The value for the page. */
  toWire(value: T): unknown;
  /** What the page's value is to the code; `payload` holds the bytes of a file. */
  fromWire(value: unknown, payload: Uint8Array | undefined): T;
  /** The value in words, as in `slider “Rate” = 0.1`. */
  describe(value: T): string;
  /** Whether a person's value outlives running the cell again. */
  keeps: boolean;
}

const widgets = new Map<
  string,
  (value: unknown, payload: Uint8Array | undefined, by: WidgetPerson | undefined) => void
>();
const listeningTo = new WeakSet<KernelHost>();
let warned = false;

/** What people chose, by what they were asked: a cell that is run again asks the same and finds the answer. */
const chosen = new Map<string, { wire: unknown; payload: Uint8Array | undefined }>();
const MOST_CHOSEN = 1000;

/** Widgets whose changes somebody waits for. */
const awaited = new Set<object>();

/** An input that everyone in the notebook shares; made by `slider`, `select`, `checkbox`, `text`, `button` or `file`. */
export interface Widget<T> extends Displayable, AsyncIterable<T> {
  readonly id: string;
  /** What is written beside it. */
  readonly label: string;
  /** The value as it is now. It changes when the cell awaits something, or is over. */
  readonly value: T;
  /** False after {@link close}. */
  readonly open: boolean;
  /**
   * Sets the value for everyone.
   * @throws RangeError when the widget does not take this value
   */
  set(value: T): void;
  /**
   * Calls `listener` with each new value, until the function that is returned is called.
   * What it prints and shows belongs to the cell that subscribed.
   */
  subscribe(listener: WidgetListener<T>): () => void;
  /**
   * Resolves with the next new value.
   * @throws Error when there can be none: the widget is closed, or nobody is there to change it
   */
  next(): Promise<T>;
  /** Every new value from now on, none left out while the loop is busy; ends when the widget is closed. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T, undefined>;
  /** No longer listens: the widget stays to be seen, and nobody can change it. */
  close(): void;
}

/** The widget of one form. */
export class LiveWidget<T> implements Widget<T> {
  readonly id = newDisplayId().replace('display', 'widget');
  readonly #form: WidgetForm<T>;
  readonly #key: string;
  #value: T;
  #open = true;
  readonly #listeners = new Set<WidgetListener<T>>();
  readonly #mailboxes = new Set<Mailbox<T>>();

  constructor(form: WidgetForm<T>, initial: T) {
    this.#form = form;
    this.#key = JSON.stringify([form.spec, form.toWire(initial)]);
    const before = form.keeps ? chosen.get(this.#key) : undefined;
    this.#value = before ? form.fromWire(before.wire, before.payload) : initial;
    // Whoever nobody holds and nobody listens to may go, with the file it was given; what was chosen is kept all the same.
    const self = new WeakRef(this);
    const key = this.#key;
    widgets.set(this.id, (wire, payload, by) => {
      const accepted = accept(form, wire);
      if (!accepted) return;
      if (form.keeps) keep(key, accepted.wire, payload);
      const widget = self.deref();
      if (widget) widget.#changed(accepted.wire, payload, by);
    });
    const kernel = host();
    if (kernel) listen(kernel);
    else warn();
  }

  get label(): string {
    return this.#form.spec.label;
  }

  get value(): T {
    return this.#value;
  }

  get open(): boolean {
    return this.#open;
  }

  set(value: T): void {
    const wire = this.#form.toWire(value);
    const accepted = acceptValue(this.#form.spec, wire);
    chosen.delete(this.#key);
    this.#take(accepted === wire ? value : this.#form.fromWire(accepted, undefined), undefined);
    const kernel = host();
    if (this.#open && kernel) push(kernel, this.id, accepted);
  }

  subscribe(listener: WidgetListener<T>): () => void {
    const call: WidgetListener<T> = (value, by) => {
      try {
        listener(value, by);
      } catch (error) {
        // One listener's failure is not another's: it is reported as that of a callback.
        queueMicrotask(() => {
          throw error;
        });
      }
    };
    const bound = AsyncResource.bind(call);
    const signal = host()?.signal();
    // No code of a cell that was stopped runs any more; what it subscribed goes on as the widget's.
    const listen: WidgetListener<T> = (value, by) => (signal?.aborted ? call : bound)(value, by);
    this.#listeners.add(listen);
    this.#attend();
    return () => {
      this.#listeners.delete(listen);
      this.#attend();
    };
  }

  async next(): Promise<T> {
    const mailbox = this.#mailbox();
    const { done, value } = await mailbox.next();
    mailbox.close();
    if (done)
      throw new Error(`“${this.label}” has no next value: ${this.#open ? 'this is no notebook' : 'it is closed'}`);
    return value;
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<T, undefined> {
    return this.#mailbox();
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    widgets.delete(this.id);
    this.#listeners.clear();
    for (const mailbox of [...this.#mailboxes]) mailbox.close();
    this.#attend();
    const kernel = host();
    if (!kernel) return;
    forget(kernel, this.id);
    kernel.closeWidget(this.id);
  }

  /** Makes it appear where it is displayed. */
  [DISPLAY](): Record<string, unknown> {
    // Said each time: whoever holds the page may have dropped it with the output it was in.
    if (this.#open) host()?.openWidget(this.id, this.#form.spec, this.#form.toWire(this.#value));
    return { [MIME.widget]: { widget: this.id }, 'text/plain': this.toString() };
  }

  toString(): string {
    const { kind, label } = this.#form.spec;
    const value = this.#form.describe(this.#value);
    return `${kind} “${label}”${value === '' ? '' : ` = ${value}`}`;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }

  #mailbox(): Mailbox<T> {
    const mailbox: Mailbox<T> = new Mailbox(host()?.signal(), () => {
      this.#mailboxes.delete(mailbox);
      this.#attend();
    });
    if (this.#open && host()) this.#mailboxes.add(mailbox);
    else mailbox.close();
    this.#attend();
    return mailbox;
  }

  #changed(wire: unknown, payload: Uint8Array | undefined, by: WidgetPerson | undefined): void {
    drop(this.id);
    this.#take(this.#form.fromWire(wire, payload), by);
  }

  /** Stays in memory for as long as somebody waits for its changes. */
  #attend(): void {
    if (this.#listeners.size + this.#mailboxes.size > 0) awaited.add(this);
    else awaited.delete(this);
  }

  #take(value: T, by: WidgetPerson | undefined): void {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    for (const mailbox of this.#mailboxes) mailbox.put(value);
    for (const listener of [...this.#listeners]) listener(value, by);
  }
}

/** What a page sent, if the widget takes it; otherwise the server has told whoever sent it. */
function accept({ spec }: { spec: WidgetSpec }, wire: unknown): { wire: unknown } | undefined {
  try {
    return { wire: acceptValue(spec, wire) };
  } catch {
    return undefined;
  }
}

function keep(key: string, wire: unknown, payload: Uint8Array | undefined): void {
  chosen.delete(key);
  chosen.set(key, { wire, payload });
  const oldest = chosen.keys().next();
  if (chosen.size > MOST_CHOSEN && !oldest.done) chosen.delete(oldest.value);
}

function listen(kernel: KernelHost): void {
  if (listeningTo.has(kernel)) return;
  listeningTo.add(kernel);
  kernel.onWidget((id, value, payload, by) => widgets.get(id)?.(value, payload, by));
}

function warn(): void {
  if (warned) return;
  warned = true;
  process.emitWarning('Widgets keep their first value: there is no notebook in which someone could change them', {
    code: 'TRIALROOM_NO_NOTEBOOK',
  });
}
