/**
 * Who drives a kernel, and how it is reached. The supervisor speaks the protocol of `shared/kernel/protocol.ts` and
 * nothing else; whatever stands at the other end, a server behind a socket or Jupyter's clients, is put behind this.
 */
import { connect } from 'node:net';
import { type Frame, FrameReader } from '@trialroom/shared/kernel/framing';
import type { FromKernel, ToKernel } from '@trialroom/shared/kernel/protocol';
import { framesOf } from './rows.ts';

/** The way to whoever drives the kernel. */
export interface Parent {
  /** Takes one frame (`shared/kernel/framing.ts`), in order. */
  send(frame: Uint8Array): void;
  /** Takes messages without a payload, each as JSON, in the same order. */
  say(texts: readonly string[]): void;
  /** Kinds of message that it does nothing with: they need not even be made. */
  readonly deaf?: ReadonlySet<FromKernel['type']>;
  /** Goes through what a short cell makes it do, unheard by anyone: see `warm.ts`. */
  rehearse?(): void;
  /** Lets go of the line once everything is sent, then calls back. */
  close(done: () => void): void;
}

/** What a parent tells the supervisor. */
export interface ParentEvents {
  /** The line stands; said once, before any message. */
  opened(): void;
  /** A message, still to be checked, with its payload. */
  message(header: unknown, payload: Uint8Array): void;
  /** Something has come that has not been read yet: it may be an execution. */
  stirred(): void;
  /** As `message`, from this very process: what it says needs no check. */
  trusted(message: ToKernel, payload: Uint8Array): void;
  /** The line could not be made: the process shall end and say why. */
  refused(error: Error): void;
  /** What arrives is no frame, and nothing after it can be read. */
  broken(error: Error): void;
  /** The other end is gone: nobody could ever read what is computed from now on. */
  closed(): void;
}

/** A server (or command line) that listens at `path`. */
export function connectSocket(path: string, { opened, message, refused, broken, closed }: ParentEvents): Parent {
  const socket = connect(path);
  const reader = new FrameReader();
  const onRefused = (error: Error): void =>
    refused(Object.assign(error, { message: `cannot talk to ${path}: ${error.message}` }));
  socket.once('error', onRefused);
  socket.on('connect', () => {
    // From now on every error is followed by the `close` below.
    socket.off('error', onRefused).on('error', () => {});
    socket.on('close', closed);
    socket.setNoDelay(true);
    opened();
  });
  socket.on('data', (chunk) => {
    let frames: Frame[];
    try {
      frames = reader.push(chunk);
    } catch (error) {
      socket.pause();
      broken(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    for (const { header, payload } of frames) message(header, payload);
  });
  return {
    send: (frame) => void socket.write(frame),
    say: (texts) => void socket.write(framesOf(texts)),
    close: (done) => void socket.end(done),
  };
}
