/**
 * Completion and inspection: what the type checker knows, merged with what the live values are. The type checker is a
 * process of its own, started by the first question; a kernel that only runs cells never pays for it. Without it, or
 * while it is slow, the live values alone answer.
 */
import { completeReply, inspectReply } from '@trialroom/shared/jupyter/language';
import type { Json } from '@trialroom/shared/jupyter/messages';
import { toUnits } from '@trialroom/shared/jupyter/positions';
import type { LiveMember } from '@trialroom/shared/kernel/protocol';
import type { LanguageAnswer, LanguageQuery } from '@trialroom/shared/language/language';
import { type Chain, chainAt, chainBefore, unknownAnswer, withLive } from '@trialroom/shared/language/live';
import type { LanguageService } from '../language/service.ts';
import { GLIMPSE_NAME } from '../process/channel.ts';
import type { History } from './history.ts';
import type { Questions, Seen } from './questions.ts';

/** Cells that ran last, which the type checker is told of. */
const CELLS = 300;
/** Longest that a client waits for types, in ms. */
const PATIENCE_MS = 3000;
/** When the type checker is started for those who did not need it yet: after a pause in their questions, in ms. */
const PAUSE_MS = 300;
const NOTEBOOK = 'kernel';
const ASKED = 'asked';

type Ask = LanguageQuery['ask'];
type Completed = Extract<LanguageAnswer, { ask: 'complete' }>;
type AnswerTo<A extends Ask> = Extract<LanguageAnswer, { ask: A }>;

/** Answers completions and inspections for one kernel. */
export class Assist {
  readonly #questions: Questions;
  readonly #history: History;
  readonly #folder = process.cwd();
  #service: Promise<LanguageService | undefined> | undefined;
  #pause: NodeJS.Timeout | undefined;

  constructor(questions: Questions, history: History) {
    this.#questions = questions;
    this.#history = history;
  }

  /** Content of a `complete_reply`; the cursor counts code points. */
  async complete(code: string, cursor: number): Promise<Json> {
    const offset = toUnits(code, cursor);
    const chain = chainBefore(code, offset);
    const live = chain ? this.#questions.members(chain.expression) : Promise.resolve([]);
    if (chain && isAsItIs(code, chain)) {
      // What the value has is the answer, and it is there at once; types would say less of it.
      const answer = this.#fromLive(code, offset, chain, await live);
      if (answer) {
        this.#startSoon();
        return answer;
      }
    }
    const [typed, members] = await Promise.all([this.#ask('complete', code, offset), live]);
    const all = chain && !typed.inner ? withLive(typed, chain, members) : typed;
    return this.#reply(code, offset, all);
  }

  /**
   * Completes for nobody, so that the first who asks finds everything loaded. Twice: V8 makes machine code of a regular
   * expression when it is used again.
   */
  async rehearse(): Promise<void> {
    const code = `${GLIMPSE_NAME}.`;
    for (let time = 0; time < 2; time++) {
      const chain = chainBefore(code, code.length);
      if (chain) this.#fromLive(code, code.length, chain, await this.#questions.members(chain.expression));
    }
  }

  #fromLive(code: string, offset: number, chain: Chain, members: LiveMember[]): Json | undefined {
    const blank = unknownAnswer({ ask: 'complete', cell: ASKED, source: code, offset });
    if (members.length === 0 || blank.ask !== 'complete') return undefined;
    return this.#reply(code, offset, withLive(blank, chain, members));
  }

  #reply(code: string, offset: number, all: Completed): Json {
    const word = code.slice(all.from, offset);
    // Every object has them, and nobody looks for them.
    const wanted = all.items.filter(({ label, live }) => !live || !label.startsWith('__') || word.startsWith('_'));
    const exact = wanted.filter(({ label }) => label.startsWith(word));
    const lower = word.toLowerCase();
    const items = exact.length > 0 ? exact : wanted.filter(({ label }) => label.toLowerCase().startsWith(lower));
    return completeReply(code, offset, { from: all.from, items });
  }

  /** Content of an `inspect_reply`; behind the bracket of a call it tells of the function. */
  async inspect(code: string, cursor: number): Promise<Json> {
    const offset = toUnits(code, cursor);
    const chain = chainAt(code, offset);
    const [{ hover }, seen] = await Promise.all([this.#ask('hover', code, offset), this.#look(chain)]);
    // The text of a function is what was made of the person's, without types.
    const tells = seen && !hover?.inner && seen.type !== 'function';
    if (hover) return inspectReply(tells ? { ...hover, value: seen.text } : hover);
    if (seen && chain) return inspectReply({ text: described(chain.expression, seen), value: seen.text });
    const { signature } = await this.#ask('signature', code, offset);
    if (!signature) return inspectReply(null);
    const { label, documentation = '' } = signature;
    return inspectReply({ text: `\`\`\`ts\n${label}\n\`\`\`\n\n${documentation}`.trim() });
  }

  #look(chain: Chain | null): Promise<Seen | undefined> {
    return chain?.expression ? this.#questions.value(chain.expression) : Promise.resolve(undefined);
  }

  async #ask<A extends 'complete' | 'hover' | 'signature'>(
    ask: A,
    source: string,
    offset: number,
  ): Promise<AnswerTo<A>> {
    const query: LanguageQuery = { ask, cell: ASKED, source, offset };
    const isAnswer = (answer: LanguageAnswer): answer is AnswerTo<A> => answer.ask === ask;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, PATIENCE_MS, undefined);
    });
    const answer = await Promise.race([this.#typed(query).catch(() => undefined), late]);
    clearTimeout(timer);
    if (answer && isAnswer(answer)) return answer;
    const unknown = unknownAnswer(query);
    if (!isAnswer(unknown)) throw new Error(`nobody answers ${ask}`);
    return unknown;
  }

  /** For a later question; the start itself would keep answers waiting. */
  #startSoon(): void {
    if (this.#service) return;
    this.#pause ??= setTimeout(() => void this.#start(), PAUSE_MS).unref();
    this.#pause.refresh();
  }

  #start(): Promise<LanguageService | undefined> {
    this.#service ??= import('../language/service.ts').then(
      ({ createLanguageService }) => createLanguageService(),
      () => undefined,
    );
    return this.#service;
  }

  async #typed(query: LanguageQuery): Promise<LanguageAnswer | undefined> {
    const service = await this.#start();
    if (!service) return undefined;
    const ran = this.#history.newest(CELLS).map(({ count, input }) => ({ cell: `In [${count}]`, source: input }));
    service.setCells(NOTEBOOK, this.#folder, [...ran, { cell: ASKED, source: query.source }]);
    return service.query(NOTEBOOK, query);
  }
}

/** True when the chain's name stands nowhere else in the code, which could bind it to something else. */
function isAsItIs(code: string, { expression, from, to }: Chain): boolean {
  const [root] = expression.split(/[^\p{ID_Continue}$]/u, 1);
  return root !== undefined && root !== '' && !`${code.slice(0, from)} ${code.slice(to)}`.includes(root);
}

/** A live value, where its type is all that is known. */
const described = (expression: string, { type, properties }: Seen): string => {
  const rows = properties.map(([name, value]) => `${name}: ${value}`).join('\n');
  return `\`\`\`ts\n${expression}: ${type}\n\`\`\`${rows === '' ? '' : `\n\n\`\`\`js\n${rows}\n\`\`\``}`;
};
