/** The first file of the thread that keeps and sends what a script says, in plain JavaScript; see `kernel/main.js`. */
import { enableCompileCache } from 'node:module';

enableCompileCache();
await import('./thread.ts');
