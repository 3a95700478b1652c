/** Expressions that a client wants to know the values of, along with the reply to its cell. */
import { failedReply } from '@trialroom/shared/jupyter/convert';
import type { Json } from '@trialroom/shared/jupyter/messages';

/**
 * What a reply says of each expression, by its name. `inspect` gives a value of the live kernel as text, without side
 * effects, or null where there is none to be told.
 */
export async function userExpressions(
  asked: Json,
  inspect: (expression: string) => Promise<string | null>,
): Promise<Json> {
  const answers = Object.entries(asked).map(async ([name, expression]) => {
    // A kernel that is gone meanwhile tells nothing; the reply is sent all the same.
    const text = await inspect(String(expression)).catch(() => null);
    const answer =
      text === null
        ? failedReply('NotKnown', `${String(expression)} cannot be told without running code`)
        : { status: 'ok', data: { 'text/plain': text }, metadata: {} };
    return [name, answer] as const;
  });
  return Object.fromEntries(await Promise.all(answers));
}
