import type { Failure } from '../guard/due.ts';

/** How often something is tried, and how long is waited in between: doubled each time, up to a cap. Milliseconds. */
export interface RelayPolicy {
  attempts: number;
  backoff: number;
  backoffCap: number;
}

/** As for steps. */
export const usualPolicy: RelayPolicy = { attempts: 20, backoff: 200, backoffCap: 10_000 };

/** Where nothing is wrong with what is tried. */
const outageMs = 1_000;

export type AfterFailure = Omit<Failure, 'error'>;

/** What to do after an attempt has failed: park it, or try again so many milliseconds later. */
export function afterFailure(
  { attempts, backoff, backoffCap }: RelayPolicy,
  attempt: number,
  outage: boolean,
): AfterFailure {
  if (outage) return { park: false, retryInMs: outageMs, counts: false };
  // Once released it has as many attempts again.
  const tried = ((attempt - 1) % attempts) + 1;
  return {
    park: tried === attempts,
    retryInMs: Math.min(backoffCap, backoff * 2 ** (tried - 1)),
    counts: true,
  };
}
