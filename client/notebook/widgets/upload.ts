/** Gives a file to a widget, telling how far it is: `fetch` cannot say that of what it sends. */
import { Problem } from '@trialroom/shared/api/endpoint';
import { sessions } from '@trialroom/shared/api/endpoints';
import { WIDGET_FILE_LIMIT } from '@trialroom/shared/notebook/widgets';
import { fillPath } from '../../data/address.ts';
import { ProblemError } from '../../data/api.ts';

/**
 * Sends a file as the value of a widget. `progress` is told the share that is done, from 0 to 1.
 * @throws ProblemError when it is too big, or the server refuses or is not reached
 */
export async function upload(
  to: { notebook: string; widget: string },
  file: File,
  progress: (share: number) => void,
  signal: AbortSignal,
): Promise<void> {
  if (file.size > WIDGET_FILE_LIMIT) {
    throw new ProblemError(413, {
      error: 'file-too-big',
      message: `A file may have ${WIDGET_FILE_LIMIT / 1024 / 1024} MB; “${file.name}” has ${Math.ceil(file.size / 1024 / 1024)}.`,
    });
  }
  const content = await read(file, (share) => progress(share * READING), signal);
  const value = { name: file.name.slice(0, 400), mime: file.type.slice(0, 200), bytes: file.size };
  await send(to, JSON.stringify({ value, content }), (share) => progress(READING + share * (1 - READING)), signal);
}

/** Share of the work that reading is, by rule of thumb. */
const READING = 0.1;

function read(file: File, progress: (share: number) => void, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    signal.addEventListener('abort', () => reader.abort(), { once: true });
    reader.onprogress = ({ loaded, total }) => progress(total > 0 ? loaded / total : 0);
    reader.onabort = () => reject(signal.reason);
    reader.onerror = () =>
      reject(new ProblemError(0, { error: 'unreadable', message: `“${file.name}” cannot be read.` }));
    reader.onload = () => {
      const address = String(reader.result);
      resolve(address.slice(address.indexOf(',') + 1));
    };
    reader.readAsDataURL(file);
  });
}

function send(
  { notebook, widget }: { notebook: string; widget: string },
  body: string,
  progress: (share: number) => void,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    signal.addEventListener('abort', () => request.abort(), { once: true });
    request.open(sessions.widget.method, fillPath(sessions.widget.path, { id: notebook, widget }));
    request.setRequestHeader('content-type', 'application/json');
    request.upload.onprogress = ({ loaded, total }) => progress(total > 0 ? loaded / total : 0);
    request.onabort = () => reject(signal.reason);
    request.onerror = () =>
      reject(
        new ProblemError(0, {
          error: 'unreachable',
          message: 'The server cannot be reached.',
          fix: 'Check that you are connected, then give the file again.',
        }),
      );
    request.onload = () => {
      if (request.status < 400) resolve();
      else reject(new ProblemError(request.status, problemIn(request)));
    };
    request.send(body);
  });
}

function problemIn({ status, responseText }: XMLHttpRequest): Problem {
  try {
    return Problem.parse(JSON.parse(responseText));
  } catch {
    return { error: 'refused', message: `The server answered ${status}.` };
  }
}
