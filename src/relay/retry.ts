import type { Failure } from '../guard/due.ts';

/** Exponential back-off, in milliseconds, from `backoff` to `backoffCap`. */
export interface RelayPolicy {
  attempts: number;
  backoff: number;
  backoffCap: number;
}

const outageMs = 1_000;

export type AfterFailure = Omit<Failure, 'error'>;

export function afterFailure(
  { attempts, backoff, backoffCap }: RelayPolicy,
  attempt: number,
  outage: boolean,
): AfterFailure {
  if (outage) return { park: false, retryInMs: outageMs, counts: false };
  // After a release it has all attempts again.
  const tried = ((attempt - 1) % attempts) + 1;
  return {
    park: tried === attempts,
    retryInMs: Math.min(backoffCap, backoff * 2 ** (tried - 1)),
    counts: true,
  };
}
