import { isSettled } from '../saga/state.ts';
import { describeSaga, registeredSaga } from './find-saga.ts';
import type { Services } from './services.ts';

const longestWait = 30;

/** Seconds, 0 to 30, that a client would rather wait (RFC 7240). */
export function preferredWait(prefer: string | undefined): number {
  const [, seconds] = /(?:^|[,;\s])wait=(\d{1,9})(?:$|[,;\s])/.exec(prefer ?? '') ?? [];
  return Math.min(longestWait, Number(seconds ?? 0));
}

/** The whole saga once it has ended or waits for somebody; undefined when that takes longer. */
export async function settledWithin(services: Services, started: { saga_id: string }, seconds: number) {
  const saga = await registeredSaga(services, started.saga_id);
  const updates = services.watch.follow(saga, AbortSignal.timeout(seconds * 1_000));
  for await (const { state } of updates) if (state && isSettled(state)) return describeSaga(services, saga);
  return undefined;
}
