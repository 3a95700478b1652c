/** What annotations refuse, and what to do then. */
import { Refusal } from '../http/refusal.ts';

export const threadUnknown = (annotation: string): Refusal =>
  new Refusal(404, {
    error: 'annotation-unknown',
    message: `there is no thread ${annotation}`,
    where: 'id',
    fix: 'It may have been deleted. Load the page again to see what there is.',
  });

export const messageUnknown = (message: string): Refusal =>
  new Refusal(404, {
    error: 'message-unknown',
    message: `there is no message ${message} in this thread`,
    where: 'message',
    fix: 'It may have been deleted.',
  });

/** @param owners whether an owner may do it too */
export const notYours = (owners: boolean): Refusal =>
  new Refusal(403, {
    error: 'not-yours',
    message: owners ? 'only its author or an owner may delete a message' : 'only its author may change a message',
    where: 'message',
    fix: 'Answer it instead.',
  });

export const requestTaken = (): Refusal =>
  new Refusal(409, {
    error: 'request-taken',
    message: 'this request was made by someone else',
    where: 'body.request',
    fix: 'Make another one, e.g. with crypto.randomUUID().',
  });
