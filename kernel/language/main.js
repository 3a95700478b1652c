/**
 * The first file of a language process, in plain JavaScript: it switches on Node's compile cache before any TypeScript is
 * read.
 */
import { enableCompileCache, flushCompileCache } from 'node:module';

enableCompileCache();
await import('./main.ts');
setTimeout(flushCompileCache, 1000).unref();
