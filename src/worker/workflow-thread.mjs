// Node loads it as it is, wherever the process itself takes TypeScript from: so it is none.
import v8 from 'node:v8';
import { workerData } from 'node:worker_threads';

// Node itself has no use for this object: what `AsyncLocalStorage` needs stays as it is.
v8.promiseHooks = { ...v8.promiseHooks, createHook: () => () => {} };

await import(workerData.thread);
