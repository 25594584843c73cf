import type { Client } from '@temporalio/client';
import { isEnded, type SagaState } from '../../saga/state.ts';
import { sagaTypes } from '../../workflows/inputs.ts';
import type { ApiContext } from '../context.ts';
import { orchestratedById } from '../saga-list/visibility.ts';
import { readSaga } from '../temporal.ts';

/** Temporal's index lags by moments: an older saga that it does not have has ended. */
const dayMs = 86_400_000;
const batchSize = 20;

/** The sagas, claimed at `at`, that have ended: up to the first that has not. A claim does not say of which type they are. */
export async function whichEnded(
  { temporal }: Pick<ApiContext, 'temporal'>,
  claims: readonly { sagaId: string; at: Date }[],
): Promise<string[]> {
  const ended: string[] = [];
  for (let start = 0; start < claims.length; start += batchSize) {
    const batch = claims.slice(start, start + batchSize);
    const known = await orchestratedById(
      temporal,
      batch.flatMap(({ sagaId }) => sagaTypes.map((type) => ({ type, sagaId }))),
    );
    for (const { sagaId, at } of batch) {
      const saga = known.get(sagaId);
      const hasEnded = saga ? isEnded(saga.state) : Date.now() - at.getTime() > dayMs;
      // The history is ahead of the index.
      const state = hasEnded ? undefined : await readState(temporal, sagaId, saga ? [saga.type] : sagaTypes);
      if (!hasEnded && !(state && isEnded(state))) return ended;
      ended.push(sagaId);
    }
  }
  return ended;
}

async function readState(
  temporal: Client,
  sagaId: string,
  types: readonly string[],
): Promise<SagaState | undefined> {
  for (const type of types) {
    const saga = await readSaga(temporal, type, sagaId);
    if (saga) return saga.state;
  }
  return undefined;
}
