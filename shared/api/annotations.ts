/** HTTP endpoints of annotations: threads of comments on a notebook. */
import { z } from 'zod';
import { Annotation, AnnotationTarget, Author, MOST_TEXT } from '../annotation/annotation.ts';
import { endpoint } from './endpoint.ts';
import { NotebookId } from './notebooks.ts';

const id = z.object({ id: z.string().min(1) });
const text = z.string().trim().min(1).max(MOST_TEXT);

export const annotations = {
  list: endpoint({
    method: 'get',
    path: '/api/notebooks/{id}/annotations',
    summary: 'All threads on a notebook, oldest first, resolved ones too',
    needs: 'read',
    params: NotebookId,
    reply: z.object({ annotations: z.array(Annotation) }),
  }),
  create: endpoint({
    method: 'post',
    path: '/api/notebooks/{id}/annotations',
    summary: 'Begin a thread; `request` is made by the caller, so that asking twice begins one',
    needs: 'comment',
    params: NotebookId,
    body: z.object({ target: AnnotationTarget, text, request: z.string().min(8).max(80) }),
    reply: Annotation,
  }),
  reply: endpoint({
    method: 'post',
    path: '/api/annotations/{id}/messages',
    summary: 'Answer in a thread; answering a resolved one opens it again',
    needs: 'comment',
    params: id,
    body: z.object({ text, request: z.string().min(8).max(80) }),
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
      'How many open threads of each notebook hold something you have not read; notebooks without any are left out',
    needs: 'read',
    reply: z.object({ notebooks: z.array(z.object({ notebook: z.string(), threads: z.number().int() })) }),
  }),
};

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
