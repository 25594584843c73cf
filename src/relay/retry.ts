import { type Failure, NeverEnded } from '../guard/due.ts';

/** Exponential back-off, in milliseconds, from `backoff` to `backoffCap`. */
export interface RelayPolicy {
  attempts: number;
  backoff: number;
  backoffCap: number;
}

const outageMs = 1_000;

export type AfterFailure = Omit<Failure, 'error'>;

/** Counts from 1 again after a release, which itself counts as an attempt; from 2 if the last attempt never ended. */
const triedOf = (policy: RelayPolicy, attempt: number) => ((attempt - 1) % (policy.attempts + 1)) + 1;

/** Before each attempt: one that kills its process each time cannot be counted by a failure. */
export function requireLeft(policy: RelayPolicy, attempt: number): void {
  if (triedOf(policy, attempt) > policy.attempts) throw new NeverEnded();
}

export function afterFailure(policy: RelayPolicy, attempt: number, outage: boolean): AfterFailure {
  if (outage) return { park: false, retryInMs: outageMs, counts: false };
  const tried = triedOf(policy, attempt);
  return {
    park: tried >= policy.attempts,
    retryInMs: Math.min(policy.backoffCap, policy.backoff * 2 ** (tried - 1)),
    counts: true,
  };
}
