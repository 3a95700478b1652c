/** What tests of sessions share: a trials' sink that writes down what it is told, and an application to ask over HTTP. */
import { pino } from 'pino';
import { createHttpApp } from '../http/router.ts';
import type { TrialSink } from '../trials/sink.ts';

/** A sink of trials that remembers what it was given. */
export interface RecordingSink extends TrialSink {
  /** One line a call, in order. */
  readonly said: string[];
  /** Resolves with the first line from `from` on that matches, now or later. */
  until(pattern: RegExp, from?: number): Promise<string>;
}

/** A place for trials that keeps nothing but a protocol of what it was told. */
export function recordingSink(): RecordingSink {
  const said: string[] = [];
  const waiting = new Set<() => void>();
  let trials = 0;
  const say = (line: string): void => {
    said.push(line);
    for (const check of [...waiting]) check();
  };
  return {
    said,
    until: (pattern, from = 0) =>
      new Promise((resolve) => {
        const check = (): void => {
          const line = said.slice(from).find((text) => pattern.test(text));
          if (line === undefined) return;
          waiting.delete(check);
          resolve(line);
        };
        waiting.add(check);
        check();
      }),
    open: async ({ experiment, name, params }, { notebook, launched }) => {
      say(`open ${experiment}/${name} ${JSON.stringify(params)} ${notebook} ${launched}`);
      return { trial: launched ?? `t${++trials}`, room: '/trials/t' };
    },
    points: async (trial, _execution, seq, columns) => {
      say(`points ${trial} ${seq} ${columns.map(({ key, steps }) => `${key}:${steps.length}`).join(' ')}`);
    },
    progress: (trial, { done }) => say(`progress ${trial} ${done}`),
    paused: async (trial, paused) => say(`paused ${trial} ${paused}`),
    events: async (trial, _execution, seq, events) => {
      say(`events ${trial} ${seq} ${events.map(({ kind, text }) => `${kind}:${text}`).join(' ')}`);
    },
    released: async (trial) => {
      say(`released ${trial}`);
      return true;
    },
    summary: async (_trial, summary) => say(`summary ${JSON.stringify(summary)}`),
    finish: async (_trial, end) => say(`finish ${end}`),
    print: (_execution, stream, text) => say(`print ${stream} ${text}`),
    executionEnded: async (_execution, end, reason) => say(`ended ${end} ${reason ?? ''}`),
    kernelGone: async (_kernel, end, reason) => say(`gone ${end} ${reason}`),
  };
}

/** An HTTP application in which `Bearer editor` is an editor and everyone else a viewer. */
export const appOfRoles = (): ReturnType<typeof createHttpApp> =>
  createHttpApp({
    authenticate: async (headers) => {
      const role = headers.get('authorization') === 'Bearer editor' ? 'editor' : 'viewer';
      return { id: role, name: 'Bo', colour: 'b', role };
    },
    log: pino({ level: 'silent' }),
    version: 'test',
  });
