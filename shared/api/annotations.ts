/** HTTP endpoints of annotations: threads on a notebook, a trial or an experiment. */
import { z } from 'zod';
import { Annotation, Author, MOST_TEXT, Notice, Waiting } from '../annotation/annotation.ts';
import { ExperimentTarget, NotebookTarget, type Subject, TrialTarget } from '../annotation/target.ts';
import { endpoint } from './endpoint.ts';
import { NotebookId } from './notebooks.ts';

const id = z.object({ id: z.string().min(1).max(200) });
const text = z.string().trim().min(1).max(MOST_TEXT);
const request = z.string().min(8).max(80);
const list = { method: 'get', needs: 'read', reply: z.object({ annotations: z.array(Annotation) }) } as const;
const create = { method: 'post', needs: 'comment', reply: Annotation } as const;
const BEGIN = 'Begin a thread; `request` is made by the caller, so that asking twice begins one';

export const annotations = {
  list: endpoint({
    ...list,
    path: '/api/notebooks/{id}/annotations',
    summary: 'All threads on a notebook, oldest first, resolved ones too',
    params: NotebookId,
  }),
  create: endpoint({
    ...create,
    path: '/api/notebooks/{id}/annotations',
    summary: BEGIN,
    params: NotebookId,
    body: z.object({ target: NotebookTarget, text, request }),
  }),
  listOnTrial: endpoint({
    ...list,
    path: '/api/trials/{id}/annotations',
    summary: 'All threads on a trial, oldest first, resolved ones too',
    params: id,
  }),
  createOnTrial: endpoint({
    ...create,
    path: '/api/trials/{id}/annotations',
    summary: BEGIN,
    params: id,
    body: z.object({ target: TrialTarget, text, request }),
  }),
  listOnExperiment: endpoint({
    ...list,
    path: '/api/experiments/{id}/annotations',
    summary: 'All threads on an experiment, oldest first, resolved ones too',
    params: id,
  }),
  createOnExperiment: endpoint({
    ...create,
    path: '/api/experiments/{id}/annotations',
    summary: BEGIN,
    params: id,
    body: z.object({ target: ExperimentTarget, text, request }),
  }),
  reply: endpoint({
    method: 'post',
    path: '/api/annotations/{id}/messages',
    summary: 'Answer in a thread; answering a resolved one opens it again',
    needs: 'comment',
    params: id,
    body: z.object({ text, request }),
    reply: Annotation,
  }),
  edit: endpoint({
    method: 'patch',
    path: '/api/annotations/{id}/messages/{message}',
    summary: 'Change a message of your own',
    needs: 'comment',
    params: id.extend({ message: z.string().min(1) }),
    body: z.object({ text }),
    reply: Annotation,
  }),
  remove: endpoint({
    method: 'delete',
    path: '/api/annotations/{id}/messages/{message}',
    summary: 'Delete a message of your own (an owner: any); the thread goes with its last message',
    needs: 'comment',
    params: id.extend({ message: z.string().min(1) }),
  }),
  resolve: endpoint({
    method: 'put',
    path: '/api/annotations/{id}/resolved',
    summary: 'Resolve a thread, or open it again',
    needs: 'comment',
    params: id,
    body: z.object({ resolved: z.boolean() }),
    reply: Annotation,
  }),
  read: endpoint({
    method: 'put',
    path: '/api/annotations/{id}/read',
    summary: 'Say how far you have read a thread, in ms since the epoch',
    needs: 'read',
    params: id,
    body: z.object({ to: z.number().nonnegative() }),
  }),
  unread: endpoint({
    method: 'get',
    path: '/api/annotations/unread',
    summary:
      'What holds open threads that you have not read to their end, and the threads to look at first: what mentions you, then what is newest',
    needs: 'read',
    reply: z.object({ waiting: z.array(Waiting), recent: z.array(Notice) }),
  }),
};

/** Those that read and begin threads, by what the threads belong to. */
export const threadsOn = {
  notebook: { list: annotations.list, create: annotations.create },
  trial: { list: annotations.listOnTrial, create: annotations.createOnTrial },
  experiment: { list: annotations.listOnExperiment, create: annotations.createOnExperiment },
} as const satisfies Record<Subject['kind'], unknown>;

/** Who can be mentioned. */
export const people = {
  list: endpoint({
    method: 'get',
    path: '/api/people',
    summary: 'Everyone who has signed in to this workspace, by name',
    needs: 'read',
    reply: z.object({ people: z.array(Author) }),
  }),
};
