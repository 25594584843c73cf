import { z } from 'zod';
import { stepOps } from './step.ts';

/** The state of one step or compensation. Times are RFC 3339, UTC. */
export const stepEntrySchema = z.object({
  /** The ordinal of the event that last changed this entry. Pending retries have no events. */
  seq: z.int(),
  step: z.string(),
  op: z.enum(stepOps),
  generation: z.int(),
  status: z.enum(['running', 'done', 'refused', 'failed', 'nothing-to-undo', 'parked', 'resolved']),
  attempt: z.int(),
  started_at: z.string(),
  finished_at: z.string().nullable(),
  error: z.string().nullable(),
});

/** An event of the saga as a whole, with more fields by kind. */
export const eventEntrySchema = z.looseObject({
  seq: z.int(),
  event: z.enum(['decision', 'operator', 'ignored-signal', 'cancel-requested', 'deadline', 'alert']),
  at: z.string(),
});
