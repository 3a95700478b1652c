/**
 * The first file of the thread that prepares batches, in plain JavaScript: it switches on Node's compile cache before any
 * TypeScript is read, without which each thread would load a TypeScript parser only to find out that it is not needed.
 */
import { enableCompileCache } from 'node:module';

enableCompileCache();
await import('./thread.ts');
