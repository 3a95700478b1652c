/**
 * The first file of a kernel process, in plain JavaScript. It makes the second thread before anything else, since Node
 * takes as long for that as this one does to load what it needs, and switches on Node's compile cache before any TypeScript
 * is read, without which each of the two threads would load a TypeScript parser only to find out that it is not needed.
 */
import { enableCompileCache, flushCompileCache } from 'node:module';
import { MessageChannel, Worker } from 'node:worker_threads';
import { kernelFiles } from './startup/files.js';

const { port1, port2 } = new MessageChannel();
const supervisor = new Worker(new URL('startup/thread.js', import.meta.url), {
  workerData: port2,
  transferList: [port2],
  // Its objects are short-lived and small; it would otherwise keep as much room for them as the thread that computes.
  // And its stack holds whatever cells nest: the parser takes what it needs there, and beyond its end is the end of us all.
  // What of it is never used costs nothing.
  resourceLimits: { maxYoungGenerationSizeMb: 6, stackSizeMb: 256 },
});
enableCompileCache();
const files = kernelFiles();
const { begin } = await import(files.main);
await begin(files, supervisor, port1);
// A kernel usually ends by SIGKILL, which would leave nothing for the next one.
setTimeout(flushCompileCache, 1000).unref();
