import type { Database } from '../guard/database.ts';
import type { LockActivities } from '../saga/activities.ts';
import { releaseLocks as releaseLoans } from '../services/loan/release-locks.ts';
import { releaseLocks as releaseApplications } from '../services/mortgage/release-locks.ts';

/** The services whose rows sagas lock. */
const releases = { mortgage: releaseApplications, loan: releaseLoans };
export const lockedServices = Object.keys(releases);

/** Empty for a service whose rows sagas do not lock. */
export function lockActivities(service: string, database: Database): Partial<LockActivities> {
  const release = Object.entries(releases).find(([name]) => name === service)?.[1];
  return release ? { releaseLocks: (sagaIds) => release(database, sagaIds) } : {};
}
