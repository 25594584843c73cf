import { isSettled } from '../../saga/state.ts';
import type { ApiContext } from '../context.ts';
import { endWith } from '../http/end-with.ts';
import { isForLater, Problem } from '../http/problem.ts';
import { describeSaga, registeredSaga, sagaResponse } from './find-saga.ts';

const maxWait = 30;

/** The seconds, 0 to 30, of `Prefer: wait` (RFC 7240). */
export function preferredWait(prefer: string | undefined): number {
  const [, seconds] = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,9})"?(?:$|[,;\s])/i.exec(prefer ?? '') ?? [];
  return Math.min(maxWait, Number(seconds ?? 0));
}

/**
 * The saga once it has ended or waits for a decision or a command; null if Temporal has deleted it; undefined after the
 * timeout and on an outage: the saga runs, and a client that sends its request again would start another one.
 */
export async function settledWithin(context: ApiContext, started: { saga_id: string }, seconds: number) {
  const waiting = new AbortController();
  const release = endWith(waiting, { stopping: context.stopping, afterMs: seconds * 1_000 });
  const late = new Promise<undefined>((resolve) => {
    waiting.signal.addEventListener('abort', () => resolve(undefined));
  });
  try {
    return await Promise.race([settled(context, started.saga_id, waiting.signal), late]);
  } catch (error) {
    if (error instanceof Problem && !isForLater(error)) throw error;
    context.logger.warn(
      { err: error, saga: started.saga_id },
      'a saga runs, and its state cannot be read now',
    );
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
    // For a resend, the saga may have waited earlier, and run on since.
    if (isSettled(described.state)) return described;
  }
  return forgotten && !signal.aborted ? null : undefined;
}
