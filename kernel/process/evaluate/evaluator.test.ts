/** What a stop may leave of an execution; the rest of the evaluator is tested through real kernels. */
import { FrameReader } from '@trialroom/shared/kernel/framing';
import { OUTPUT_WINDOW } from '@trialroom/shared/kernel/limits';
import { FromKernel } from '@trialroom/shared/kernel/protocol';
import { describe, expect, it } from 'vitest';
import { allocateShared, type ToSupervisor } from '../channel.ts';
import { Output } from '../output.ts';
import { Evaluator } from './evaluator.ts';

/** An evaluator, and what it has said so far. */
function evaluator(): { evaluator: Evaluator; said: FromKernel[] } {
  const reader = new FrameReader();
  const said: FromKernel[] = [];
  const post = (message: ToSupervisor): void => {
    if (Array.isArray(message)) for (const text of message.slice(3)) said.push(FromKernel.parse(JSON.parse(text)));
    else if ('frame' in message)
      for (const { header } of reader.push(message.frame)) said.push(FromKernel.parse(header));
  };
  const output = new Output(post, allocateShared(), OUTPUT_WINDOW);
  return {
    evaluator: new Evaluator(
      output,
      post,
      () => {},
      () => false,
    ),
    said,
  };
}

describe('a stop', () => {
  it('that met an execution before its first line ends it', () => {
    const { evaluator: one, said } = evaluator();
    one.abort('lost', { limitMs: undefined });
    expect(said.map(({ type }) => type)).toEqual(['error', 'done']);
    expect(said[1]).toMatchObject({ execution: 'lost', end: 'aborted' });
  });

  it('by a limit says which', () => {
    const { evaluator: one, said } = evaluator();
    one.abort('lost', { limitMs: 1500 });
    expect(said[0]).toMatchObject({ error: { name: 'TimeLimit', message: expect.stringContaining('1.5 s') } });
    expect(said[1]).toMatchObject({ end: 'error' });
  });

  it('that comes after the end was told changes nothing', () => {
    const { evaluator: one, said } = evaluator();
    one.abort('lost', { limitMs: undefined });
    one.abort('lost', { limitMs: undefined });
    expect(said).toHaveLength(2);
  });
});
