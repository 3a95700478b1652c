/**
 * The first file of a kernel process, in plain JavaScript: it switches on Node's compile cache before any TypeScript is
 * read, without which each of the two threads would load a TypeScript parser only to find out that it is not needed.
 */
import { enableCompileCache, flushCompileCache } from 'node:module';

enableCompileCache();
await import('./main.ts');
// A kernel usually ends by SIGKILL, which would leave nothing for the next one.
setTimeout(flushCompileCache, 1000).unref();
