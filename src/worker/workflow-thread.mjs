// Plain JavaScript: a worker thread is loaded without the TypeScript loader.
import v8 from 'node:v8';
import { workerData } from 'node:worker_threads';

// The SDK captures stacks through this hook; nothing else uses it.
v8.promiseHooks = { ...v8.promiseHooks, createHook: () => () => {} };

await import(workerData.thread);
