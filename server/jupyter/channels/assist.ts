/** What consoles and editors ask while one types: completion, inspection, whether a text is whole. */
import { completeness, type Fault } from '@trialroom/shared/jupyter/completeness';
import { completeReply, inspectReply } from '@trialroom/shared/jupyter/language';
import type { Json } from '@trialroom/shared/jupyter/messages';
import { toUnits } from '@trialroom/shared/jupyter/positions';
import type { LiveMember } from '@trialroom/shared/kernel/protocol';
import type { LanguageAnswer, LanguageQuery } from '@trialroom/shared/language/language';
import { chainAt, chainBefore, unknownAnswer, withLive } from '@trialroom/shared/language/live';

/** What there is to ask about one kernel's code. */
export interface AssistPorts {
  /** Types and the live kernel together; null where there are no types for this code, as it is in no notebook. */
  language(query: LanguageQuery): Promise<LanguageAnswer | null>;
  /** The live kernel alone. */
  complete(expression: string): Promise<LiveMember[]>;
  inspect(expression: string): Promise<{ type: string; text: string } | null>;
}

/** JupyterLab drops completions that come later than a second after they were asked for; in ms, with time for the way. */
const PATIENCE = 600;

/** Content of a `complete_reply`. */
export async function complete(ports: AssistPorts, code: string, cursor: number, cell: string): Promise<Json> {
  const query = { ask: 'complete', cell, source: code, offset: toUnits(code, cursor) } as const;
  const answer = await soonest(ports, query);
  const { from, items } = answer.ask === 'complete' ? answer : { from: query.offset, items: [] };
  const word = code.slice(from, query.offset);
  const fitting = items.filter(({ label }) => label.startsWith(word));
  return completeReply(code, query.offset, { from, items: fitting });
}

/** Types and the live kernel together; the live kernel alone when types are late, as they are when first asked for. */
async function soonest(ports: AssistPorts, query: LanguageQuery): Promise<LanguageAnswer> {
  const types = ports.language(query);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(resolve, PATIENCE, 'late');
  });
  const first = await Promise.race([types, late]).finally(() => clearTimeout(timer));
  if (first !== 'late') return first ?? (await liveMembers(ports, query));
  // Should they fail after all, whoever asks next is told.
  types.catch(() => {});
  const live = await liveMembers(ports, query);
  return live.ask === 'complete' && live.items.length > 0 ? live : ((await types) ?? live);
}

async function liveMembers(ports: AssistPorts, query: LanguageQuery): Promise<LanguageAnswer> {
  const chain = chainBefore(query.source, query.offset);
  const answer = unknownAnswer(query);
  return chain && answer.ask === 'complete' ? withLive(answer, chain, await ports.complete(chain.expression)) : answer;
}

/** Content of an `inspect_reply`. */
export async function inspect(ports: AssistPorts, code: string, cursor: number, cell: string): Promise<Json> {
  const offset = toUnits(code, cursor);
  const answer = await ports.language({ ask: 'hover', cell, source: code, offset });
  if (answer) return inspectReply(answer.ask === 'hover' ? answer.hover : null);
  const chain = chainAt(code, offset);
  const seen = chain && (await ports.inspect(chain.expression));
  return inspectReply(seen && { text: `\`\`\`ts\n${chain.expression}: ${seen.type}\n\`\`\``, value: seen.text });
}

/** Longest code that is parsed here, in characters: the parser descends into what is nested, and a server has one stack. */
const LONGEST_PARSED = 2000;

/** Content of an `is_complete_reply`. */
export async function isComplete(code: string): Promise<Json> {
  if (code.length > LONGEST_PARSED) return { status: 'unknown' };
  // The parser is loaded by the first who asks: most servers never need it.
  const { parseSync } = await import('oxc-parser');
  const faults = (file: string, text: string): Fault[] => parseSync(file, text, { sourceType: 'module' }).errors;
  return { ...completeness(code, faults) };
}
