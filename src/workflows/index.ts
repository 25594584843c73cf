import { defineUnwinder } from '../saga/define-unwinder.ts';
import * as sagas from './sagas.ts';

export { alert } from '../saga/alert.ts';
export { sweepLocks } from '../saga/lock-sweep.ts';
export { sweep } from '../saga/sweep.ts';
export * from './sagas.ts';

export const unwind = defineUnwinder(Object.values(sagas).map(({ definition }) => definition));
