import { isSettled } from '../saga/state.ts';
import type { ApiContext } from './context.ts';
import { endWith } from './end-with.ts';
import { describeSaga, registeredSaga, sagaResponse } from './find-saga.ts';
import { isForLater, Problem } from './problem.ts';

const longestWait = 30;

/** Seconds, 0 to 30, that a client would rather wait (RFC 7240). */
export function preferredWait(prefer: string | undefined): number {
  const [, seconds] = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,9})"?(?:$|[,;\s])/i.exec(prefer ?? '') ?? [];
  return Math.min(longestWait, Number(seconds ?? 0));
}

/**
 * The whole saga once it has ended or waits for somebody; null when Temporal has forgotten it; undefined when it takes
 * longer, or when it cannot be told now: the saga runs, and whoever were told to send its request again would start
 * another one.
 */
export async function settledWithin(context: ApiContext, started: { saga_id: string }, seconds: number) {
  const enough = new AbortController();
  const release = endWith(enough, { stopping: context.stopping, afterMs: seconds * 1_000 });
  const late = new Promise<undefined>((resolve) => {
    enough.signal.addEventListener('abort', () => resolve(undefined));
  });
  try {
    return await Promise.race([settled(context, started.saga_id, enough.signal), late]);
  } catch (error) {
    if (error instanceof Problem && !isForLater(error)) throw error;
    context.logger.warn({ err: error, saga: started.saga_id }, 'a saga runs and cannot be told of now');
    return undefined;
  } finally {
    release();
  }
}

async function settled(context: ApiContext, sagaId: string, signal: AbortSignal) {
  const saga = await registeredSaga(context, sagaId);
  let forgotten = true;
  for await (const { state, whole } of context.watch.follow(saga, signal)) {
    forgotten = false;
    if (!state || !isSettled(state)) continue;
    if (whole) return sagaResponse(context, saga, whole);
    const described = await describeSaga(context, saga);
    // A request that is sent again is told of what its saga has waited for before.
    if (isSettled(described.state)) return described;
  }
  return forgotten && !signal.aborted ? null : undefined;
}
