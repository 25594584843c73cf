import { z } from 'zod';
import { decisionSchema } from './decision.ts';
import { sagaErrorSchema } from './errors.ts';

/** What a saga knows and Temporal's own events do not say. Each lands in the history as a change of the memo. */
export const noteSchema = z.discriminatedUnion('event', [
  z.object({ event: z.literal('decision'), ...decisionSchema.shape }),
  z.object({ event: z.literal('ignored-signal'), signal: z.string(), why: z.string(), detail: z.string() }),
  z.object({ event: z.literal('deadline') }),
  z.object({ event: z.literal('error'), error: sagaErrorSchema }),
]);
export type Note = z.infer<typeof noteSchema>;

export const noteKey = 'note';
