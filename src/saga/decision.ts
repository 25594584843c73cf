import { z } from 'zod';
import { plainText } from './text.ts';

/** The payload of the signal `decide`. */
export const decisionSchema = z.object({
  /** Makes a resent decision count once. */
  id: plainText(200).optional(),
  approved: z.boolean(),
  /** An e-mail address fits. */
  by: plainText(254),
  reason: plainText(2_000),
});
export type Decision = z.infer<typeof decisionSchema>;

/** Whether a decision is a resend: only the id distinguishes it from an equal one. */
export const isSameDecision = (one: Decision, other: Decision) =>
  one.id !== undefined &&
  one.id === other.id &&
  one.approved === other.approved &&
  one.by === other.by &&
  one.reason === other.reason;
