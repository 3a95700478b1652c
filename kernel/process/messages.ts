/**
 * Checks what comes from the parent, by hand: loading the schemas would cost more than half of the time in which a
 * kernel starts. A test holds this against the schemas, which stay the truth.
 */
import type { ToKernel } from '@trialroom/shared/kernel/protocol';

type Check = (value: unknown) => boolean;

const text: Check = (value) => typeof value === 'string';
const integer: Check = (value) => Number.isSafeInteger(value);

const FIELDS: Record<ToKernel['type'], Record<string, Check>> = {
  execute: { execution: text, cell: text, count: integer, source: text },
  interrupt: {},
  inspect: { request: integer, expression: text },
  probe: {},
  reply: { request: integer, ok: (value) => typeof value === 'boolean' },
  'trial.ack': { trial: text, seq: integer },
  'trial.control': { trial: text, action: (value) => value === 'stop' },
  credit: { bytes: integer },
  shutdown: {},
};

/** True for a message of the protocol. */
export function isToKernel(message: unknown): message is ToKernel {
  if (typeof message !== 'object' || message === null || Array.isArray(message)) return false;
  const type: unknown = Reflect.get(message, 'type');
  if (!isType(type)) return false;
  for (const [name, check] of Object.entries(FIELDS[type])) if (!check(Reflect.get(message, name))) return false;
  if (type !== 'reply') return true;
  return Reflect.get(message, 'ok') === true ? 'value' in message : text(Reflect.get(message, 'error'));
}

const isType = (type: unknown): type is ToKernel['type'] => typeof type === 'string' && Object.hasOwn(FIELDS, type);
