/**
 * A process that answers questions about the TypeScript of notebooks: frames of `ToLanguage` come in on stdin, frames of
 * `FromLanguage` go out on stdout. It ends with its stdin, and with it the language server.
 */
import { readFileSync } from 'node:fs';
import { encodeFrame, FrameReader } from '@trialroom/shared/kernel/framing';
import type { FromLanguage, ToLanguage } from '@trialroom/shared/language/language';
import { createLanguageService } from './service.ts';

const service = createLanguageService();
const reader = new FrameReader();
const send = (message: FromLanguage): void => void process.stdout.write(encodeFrame(message));

/**
 * Whoever started this process has parsed what people sent; loading a validator to do so again would delay the first
 * answer by a sixth.
 */
const isMessage = (header: unknown): header is ToLanguage =>
  typeof header === 'object' && header !== null && 'type' in header && 'notebook' in header;

async function handle(message: unknown): Promise<void> {
  if (!isMessage(message)) throw new TypeError('a frame is no message to the language service');
  switch (message.type) {
    case 'cells':
      service.setCells(message.notebook, message.folder, message.cells);
      return;
    case 'close':
      service.close(message.notebook);
      return;
    case 'query':
    case 'check': {
      const { request, notebook } = message;
      try {
        if (message.type === 'check') send({ type: 'diagnostics', request, cells: await service.check(notebook) });
        else send({ type: 'answer', request, answer: await service.query(notebook, message.query) });
      } catch (error) {
        send({ type: 'failed', request, message: error instanceof Error ? error.message : String(error) });
      }
    }
  }
}

process.stdin.on('data', (chunk) => {
  for (const { header } of reader.push(chunk)) void handle(header);
});
process.stdin.on('end', () => void service.end().then(() => process.exit()));
// Whoever asked is gone.
process.stdout.on('error', () => void service.end().then(() => process.exit()));

const manifest: { version: string } = JSON.parse(
  readFileSync(new URL(import.meta.resolve('typescript/package.json')), 'utf8'),
);
send({ type: 'ready', version: manifest.version });
