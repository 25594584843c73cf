import type { Client } from '@temporalio/client';
import { isEnded } from '../saga/state.ts';
import { sagaTypes } from '../workflows/contracts.ts';
import type { Services } from './services.ts';
import { readSaga } from './temporal.ts';
import { sagasById } from './visibility.ts';

/** Older than this, a saga that Temporal does not know has ended: its index lags by moments. */
const dayMs = 86_400_000;
const atOnce = 50;

/** Those of the sagas, seen at `at`, that have ended: up to the first that has not. */
export async function whichEnded(
  { temporal }: Services,
  seen: readonly { sagaId: string; at: Date }[],
): Promise<string[]> {
  const ended: string[] = [];
  for (let start = 0; start < seen.length; start += atOnce) {
    const some = seen.slice(start, start + atOnce);
    const names = some.flatMap(({ sagaId }) => sagaTypes.map((type) => ({ type, sagaId })));
    const known = await sagasById(temporal, names);
    for (const { sagaId, at } of some) {
      const saga = known.get(sagaId);
      const isOver = saga ? isEnded(saga.state) : Date.now() - at.getTime() > dayMs;
      const types = saga ? [saga.type] : sagaTypes;
      if (!isOver && !(await hasEnded(temporal, sagaId, types))) return ended;
      ended.push(sagaId);
    }
  }
  return ended;
}

/** By its history: the index may not know yet. */
async function hasEnded(temporal: Client, sagaId: string, types: readonly string[]): Promise<boolean> {
  for (const type of types) {
    const saga = await readSaga(temporal, type, sagaId);
    if (saga) return isEnded(saga.state);
  }
  return false;
}
