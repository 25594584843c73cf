import { isEnded } from '../../saga/state.ts';
import type { ApiContext } from '../context.ts';
import { orchestratedById } from '../sagas/visibility.ts';
import { readSaga } from '../temporal.ts';

/** The only sagas that claim customers. */
const type = 'mortgage-origination';
/** Temporal's index lags by moments: an older saga that it does not have has ended. */
const dayMs = 86_400_000;
const batchSize = 50;

/** The sagas, claimed at `at`, that have ended: up to the first that has not. */
export async function whichEnded(
  { temporal }: ApiContext,
  claims: readonly { sagaId: string; at: Date }[],
): Promise<string[]> {
  const ended: string[] = [];
  for (let start = 0; start < claims.length; start += batchSize) {
    const batch = claims.slice(start, start + batchSize);
    const known = await orchestratedById(
      temporal,
      batch.map(({ sagaId }) => ({ type, sagaId })),
    );
    for (const { sagaId, at } of batch) {
      const saga = known.get(sagaId);
      const hasEnded = saga ? isEnded(saga.state) : Date.now() - at.getTime() > dayMs;
      // The history is ahead of the index.
      const state = hasEnded ? undefined : (await readSaga(temporal, type, sagaId))?.state;
      if (!hasEnded && !(state && isEnded(state))) return ended;
      ended.push(sagaId);
    }
  }
  return ended;
}
