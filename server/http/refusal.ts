import type { Problem } from '@trialroom/shared/api/endpoint';

/** Thrown by any capability to refuse a request; becomes the HTTP reply (or the error of a Socket.IO acknowledgement). */
export class Refusal extends Error {
  readonly status: 400 | 401 | 403 | 404 | 409 | 413 | 422 | 500 | 503;
  readonly problem: Problem;

  constructor(status: Refusal['status'], problem: Problem) {
    super(problem.message);
    this.name = 'Refusal';
    this.status = status;
    this.problem = problem;
  }
}
