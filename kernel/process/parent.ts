/**
 * Who drives a kernel, and how it is reached. The supervisor speaks the protocol of `shared/kernel/protocol.ts` and
 * nothing else; whatever stands at the other end, a server behind a socket or Jupyter's clients, is put behind this.
 */
import { connect } from 'node:net';
import { type Frame, FrameReader } from '@trialroom/shared/kernel/framing';

/** The way to whoever drives the kernel. */
export interface Parent {
  /** Takes one frame (`shared/kernel/framing.ts`), in order. */
  send(frame: Uint8Array): void;
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
    close: (done) => void socket.end(done),
  };
}
