/**
 * The first file of the supervisor's thread, in plain JavaScript; see `kernel/main.js`. The thread is made before it is
 * known what it shall do, which the main thread then says.
 */
import { enableCompileCache, flushCompileCache } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';

enableCompileCache();
const { entry, ...data } = await new Promise((resolve) => workerData.once('message', resolve));
const { begin } = await import(entry);
await begin(parentPort, { ...data, replies: workerData });
setTimeout(flushCompileCache, 1000).unref();
