/**
 * Checks what comes from the parent, by hand: loading the schemas would cost more than half of the time in which a
 * kernel starts. A test holds this against the schemas, which stay the truth.
 */
import type { ToKernel } from '@trialroom/shared/kernel/protocol';

type Check = (value: unknown) => boolean;

const text: Check = (value) => typeof value === 'string';
const integer: Check = (value) => Number.isSafeInteger(value);

const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const natural: Check = (value) => typeof value === 'number' && integer(value) && value > 0;
const positive: Check = (value) => typeof value === 'number' && value > 0;
const person: Check = (value) =>
  typeof value === 'object' && value !== null && text(Reflect.get(value, 'id')) && text(Reflect.get(value, 'name'));

/** What a person may want of a trial. */
const WISHES: ReadonlySet<unknown> = new Set(['stop', 'pause', 'release', 'released', 'resume']);

const FIELDS: Record<ToKernel['type'], Record<string, Check>> = {
  execute: {
    execution: text,
    cell: text,
    count: integer,
    source: text,
    limitMs: optional(positive),
    threads: optional(natural),
  },
  enter: { folder: text },
  interrupt: {},
  inspect: { request: integer, expression: text },
  variables: { request: integer },
  complete: { request: integer, expression: text },
  'widget.set': { widget: text, by: optional(person) },
  probe: {},
  reply: { request: integer, ok: (value) => typeof value === 'boolean' },
  share: { threads: natural },
  'trial.ack': { trial: text, seq: integer },
  'trial.control': { trial: text, action: (value) => WISHES.has(value) },
  credit: { bytes: integer },
  shutdown: {},
};

/** True for a message of the protocol. */
export function isToKernel(message: unknown): message is ToKernel {
  if (typeof message !== 'object' || message === null || Array.isArray(message)) return false;
  const type: unknown = Reflect.get(message, 'type');
  if (!isType(type)) return false;
  for (const [name, check] of Object.entries(FIELDS[type])) if (!check(Reflect.get(message, name))) return false;
  if (type === 'widget.set') return 'value' in message;
  if (type !== 'reply') return true;
  return Reflect.get(message, 'ok') === true ? 'value' in message : text(Reflect.get(message, 'error'));
}

const isType = (type: unknown): type is ToKernel['type'] => typeof type === 'string' && Object.hasOwn(FIELDS, type);

/** The number of a question in a message that is not understood, so that whoever asked it hears of that. */
export function requestIn(message: unknown): number | undefined {
  const request: unknown =
    typeof message === 'object' && message !== null ? Reflect.get(message, 'request') : undefined;
  return typeof request === 'number' && integer(request) ? request : undefined;
}
