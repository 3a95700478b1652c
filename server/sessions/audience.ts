/**
 * Tells of a session: to the browsers that watch it, folded and numbered, and to the programs that listen, as it happens.
 * It decides nothing; what is not told here can be read in the session's snapshot.
 */
import type { ServerToClient, Topic } from '@trialroom/shared/live/events';
import { type CellState, consoleChange, type SessionState } from '@trialroom/shared/notebook/session';
import type { SessionNews } from './news.ts';
import type { OutputChange } from './outputs/output-plan.ts';
import type { SessionPorts } from './ports.ts';
import { shareable } from './session-view.ts';

type Payload<E extends keyof ServerToClient> = Parameters<ServerToClient[E]>[0];

/** Everyone who hears of one session. */
export class Audience {
  readonly #notebook: string;
  readonly #ports: Pick<SessionPorts, 'hub' | 'news' | 'kernelMemoryMb'>;
  #seq = 0;

  constructor(notebook: string, ports: Pick<SessionPorts, 'hub' | 'news' | 'kernelMemoryMb'>) {
    this.#notebook = notebook;
    this.#ports = ports;
  }

  /** Number of the last event that was sent. */
  get seq(): number {
    return this.#seq;
  }

  /** To the programs that listen. */
  news(news: SessionNews): void {
    this.#ports.news(this.#notebook, news);
  }

  /** The session's state changed. */
  session(before: SessionState, after: SessionState): void {
    const cells: Record<string, CellState | null> = {};
    for (const id of new Set([...Object.keys(before.cells), ...Object.keys(after.cells)])) {
      if (before.cells[id] !== after.cells[id]) cells[id] = after.cells[id] ?? null;
    }
    const { cells: _all, console: _entries, ...state } = shareable(after);
    const console = consoleChange(before.console, after.console);
    this.#ports.hub.emit(this.#topic, 'session', { ...this.#next(), state, cells, ...(console ? { console } : {}) });
  }

  /** What a cell said is durable. */
  output({ cell, execution, begin, events }: OutputChange): void {
    this.#ports.hub.emit(this.#topic, 'output', { ...this.#next(), cell, execution, begin, events });
  }

  /** Widgets are new, changed or gone. */
  widgets({ changed, gone }: Pick<Payload<'widgets'>, 'changed' | 'gone'>): void {
    this.#ports.hub.emit(this.#topic, 'widgets', { ...this.#next(), changed, gone });
    this.news({ type: 'widgets', changed, gone });
  }

  /** The questions that wait for a person are these now. */
  prompts(prompts: Payload<'prompts'>['prompts']): void {
    this.#ports.hub.emit(this.#topic, 'prompts', { ...this.#next(), prompts });
  }

  /** What the kernel uses, in bytes and cores. */
  gauge(memory: number, cpu: number): void {
    const notebook = this.#notebook;
    const limit = (this.#ports.kernelMemoryMb ?? 0) * 1024 * 1024;
    this.#ports.hub.emit(this.#topic, 'gauge', { notebook, memory, limit, cpu });
  }

  get #topic(): Topic {
    return `notebook:${this.#notebook}`;
  }

  /** What the next numbered event begins with. */
  #next(): { notebook: string; seq: number } {
    return { notebook: this.#notebook, seq: ++this.#seq };
  }
}
