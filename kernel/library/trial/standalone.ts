/**
 * What stands in for a kernel when a script that uses the library is run by `node script.ts`: the same calls, with
 * the newest figures written to the terminal once a second. Nothing is stored.
 */
import { randomUUID } from 'node:crypto';
import type { FromKernel, Progress } from '@trialroom/shared/kernel/protocol';
import { unpackPoints } from '@trialroom/shared/trial/points';
import { host, type KernelHost } from '../../process/host.ts';
import { currentRemote } from '../remote/current.ts';

/** Time between two lines of one trial, in ms. */
const LINE_EVERY = 1000;

interface Told {
  name: string;
  figures: Map<string, number>;
  progress: Progress | undefined;
  openedAt: number;
  linedAt: number;
}

let shared: KernelHost | undefined;

/** The terminal as a host, one for the process. */
export function standaloneHost(): KernelHost {
  shared ??= terminalHost((text) => process.stderr.write(text), Date.now);
  return shared;
}

/** A host that writes lines with `write`; `now` gives ms since the epoch. */
export function terminalHost(write: (text: string) => void, now: () => number): KernelHost {
  const trials = new Map<string, Told>();
  const acks: ((trial: string, seq: number) => void)[] = [];
  return {
    execution: () => undefined,
    openTrial: async ({ name }) => {
      const trial = randomUUID();
      trials.set(trial, { name, figures: new Map(), progress: undefined, openedAt: now(), linedAt: now() });
      return { trial };
    },
    send: (message, payload) => {
      const told = 'trial' in message ? trials.get(message.trial) : undefined;
      if (!told) return;
      const line = say(told, message, payload, now());
      if (line !== undefined) write(`${line}\n`);
      if ('trial' in message && 'seq' in message) for (const ack of acks) ack(message.trial, message.seq);
    },
    ask: async () => nobody(),
    askSync: nobody,
    signal: () => new AbortController().signal,
    openWidget: () => {},
    setWidget: () => {},
    closeWidget: () => {},
    onWidget: () => {},
    display: (data) => write(`${data['text/plain']}\n`),
    update: () => {},
    stopRequested: () => false,
    updateThreads: () => false,
    pauseRequested: () => false,
    releaseRequested: () => false,
    released: () => false,
    onWish: () => {},
    onAck: (handler) => {
      acks.push(handler);
    },
    onEnd: () => {},
    onProbe: () => {},
  };
}

function nobody(): never {
  throw new Error('nobody can answer: there is no notebook');
}

/** Takes in a message, and returns the line that is due, if one is. */
function say(told: Told, message: FromKernel, payload: Uint8Array | undefined, now: number): string | undefined {
  switch (message.type) {
    case 'trial.points':
      for (const { key, values } of unpackPoints(message.keys, payload ?? new Uint8Array(0))) {
        told.figures.set(key, values.at(-1) ?? Number.NaN);
      }
      break;
    case 'trial.progress':
      told.progress = message.progress;
      break;
    case 'trial.summary':
      return `${told.name}  ${Object.entries(message.summary)
        .map(([key, value]) => `${key} ${typeof value === 'number' ? figure(value) : JSON.stringify(value)}`)
        .join('  ')}`;
    case 'trial.finish':
      return `${describe(told, now)}  ${message.end}`;
    default:
      return undefined;
  }
  if (now - told.linedAt < LINE_EVERY) return undefined;
  told.linedAt = now;
  return describe(told, now);
}

function describe({ name, figures, progress, openedAt }: Told, now: number): string {
  const parts = [name];
  if (progress) {
    const { done, total, note } = progress;
    if (note) parts.push(note);
    parts.push(total === undefined ? `step ${done}` : `step ${done} of ${total}`);
    if (total !== undefined && done > 0 && done < total) {
      parts.push(`${Math.round((((now - openedAt) / done) * (total - done)) / 1000)} s left`);
    }
  }
  for (const [key, value] of figures) parts.push(`${key} ${figure(value)}`);
  return parts.join('  ');
}

const figure = (value: number): string => (Number.isInteger(value) ? String(value) : value.toPrecision(4));

/** The kernel's host; without a kernel, a server that this script was told of; else the terminal. */
export const currentHost = (): KernelHost => host() ?? currentRemote(standaloneHost) ?? standaloneHost();
