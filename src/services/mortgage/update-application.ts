import { eq } from 'drizzle-orm';
import { z } from 'zod';
import type { Database } from '../../guard/database.ts';
import { refuseHeld } from '../../guard/refuse-held.ts';
import { refuse } from '../../saga/errors.ts';
import {
  type ApplicationStatus,
  type applicationBody,
  applicationColumns,
  applicationRow,
  valuesOf,
} from './resource.ts';
import { application } from './schema.ts';

const nextStatuses: Record<ApplicationStatus, readonly ApplicationStatus[]> = {
  pending: ['approved', 'rejected', 'withdrawn'],
  approved: ['withdrawn', 'closed'],
  rejected: [],
  withdrawn: [],
  closed: [],
};

/** Undefined if there is none. Refuses if a saga holds it, and other status changes than `nextStatuses`. */
export function updateApplication(database: Database, id: string, body: z.output<typeof applicationBody>) {
  return database.transaction(async (tx) => {
    const [found] = await tx.select().from(application).where(eq(application.id, id)).for('update');
    if (!found) return undefined;
    if (found.heldBy) return refuseHeld('the application', found.heldBy);
    const { status } = found;
    if (body.status && body.status !== status && !nextStatuses[status].includes(body.status))
      refuse(`the application is ${status}: it cannot become ${body.status}`, { state: status });
    const [updated] = await tx
      .update(application)
      .set(valuesOf(body))
      .where(eq(application.id, id))
      .returning(applicationColumns);
    return updated && z.encode(applicationRow, updated);
  });
}
