import { z } from 'zod';
import { operatorActions } from './command.ts';
import { decisionSchema } from './decision.ts';
import { sagaErrorSchema } from './errors.ts';
import type { HistoryEvent } from './history-event.ts';
import { fieldOf } from './lenient-payloads.ts';
import { stepOps } from './step.ts';

const side = {
  step: z.string(),
  op: z.enum(stepOps),
  generation: z.int(),
};

/** A command that was taken; `step` is the parked step, or null for the saga as a whole. */
export const commandNoteSchema = z.object({
  event: z.literal('operator'),
  action: z.enum(operatorActions),
  step: z.string().nullable(),
  id: z.string().optional(),
  by: z.string(),
  reason: z.string(),
  input: z.unknown().optional(),
});

/** Facts that Temporal's own events do not contain. Each is recorded as a change of the memo. */
const noteSchema = z.discriminatedUnion('event', [
  z.object({ event: z.literal('decision'), ...decisionSchema.shape }),
  z.object({ event: z.literal('ignored-signal'), signal: z.string(), why: z.string(), detail: z.string() }),
  z.object({ event: z.literal('deadline') }),
  z.object({ event: z.literal('error'), error: sagaErrorSchema }),
  commandNoteSchema,
  z.object({
    event: z.literal('alert'),
    step: z.string().nullable(),
    op: z.enum(stepOps).nullable(),
    error: z.string(),
  }),
  /** `status`: the new status of a step or a compensation. */
  z.object({ event: z.literal('status'), ...side, status: z.enum(['parked', 'refused', 'failed']) }),
  z.object({ event: z.literal('resolved'), ...side, by: z.string(), reason: z.string() }),
]);
export type Note = z.infer<typeof noteSchema>;

export const noteKey = 'note';

/** Why a command that was taken no longer counts. */
export const takenBack = 'not-carried-out';

/** The note that an event records, if any. */
export function noteOf({
  workflowPropertiesModifiedEventAttributes: modified,
}: HistoryEvent): Note | undefined {
  return noteSchema.safeParse(fieldOf(modified?.upsertedMemo?.fields, noteKey)).data;
}
