/** Work that outlives a request. The truth of what is queued is in SQL; a job only says "look at this id now". */
export interface Jobs {
  readonly kind: 'in-process' | 'bee-queue';
  /** Says how jobs of this name are done, here, at most `concurrency` at once. A rejected promise marks the job failed; it is not retried. */
  define<Data>(name: string, concurrency: number, handler: (data: Data, signal: AbortSignal) => Promise<void>): void;
  /** Queues a job. Adding an id that is queued or running does nothing. */
  add(name: string, id: string, data: unknown): Promise<void>;
  /** Takes a waiting job away, or aborts the signal of a running one, in whichever process it runs. */
  cancel(name: string, id: string): Promise<void>;
  /** Stops taking jobs, aborts those that run here, and waits for their handlers. */
  close(): Promise<void>;
}
