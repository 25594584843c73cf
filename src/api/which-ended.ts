import { isEnded } from '../saga/state.ts';
import { sagaTypes } from '../workflows/contracts.ts';
import type { Services } from './services.ts';
import { sagasById } from './visibility.ts';

/** Older than this, a saga that Temporal does not know has ended: its index lags by moments. */
const dayMs = 86_400_000;
const atOnce = 50;

/** Those of the sagas, seen at `at`, that have ended. */
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
      if (saga ? isEnded(saga.state) : Date.now() - at.getTime() > dayMs) ended.push(sagaId);
    }
  }
  return ended;
}
