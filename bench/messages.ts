import { z } from 'zod';
import { settingsSchema } from './engine.ts';

/** How sagas come: so many at once, the next when one has ended; or at moments of their own. */
const loadSchema = z.object({
  way: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('at-once'), atOnce: z.int() }),
    z.object({ kind: z.literal('arrivals'), perSecond: z.number(), seed: z.int() }),
  ]),
  refused: z.boolean(),
  /** No saga is started after this time, */
  seconds: z.number(),
  /** nor after this many. */
  sagas: z.int(),
});
export type Load = z.infer<typeof loadSchema>;

const loadedSchema = z.object({
  /** Of each saga, from when it was to start until it had ended. */
  milliseconds: z.array(z.number()),
  /** While sagas were started. */
  perSecond: z.number(),
  ids: z.array(z.string()),
});
export type Loaded = z.infer<typeof loadedSchema>;

/** What a contender's process is told. */
export const orderSchema = z.discriminatedUnion('order', [
  z.object({ order: z.literal('open'), settings: settingsSchema }),
  z.object({ order: z.literal('load'), load: loadSchema }),
  z.object({ order: z.literal('close') }),
]);
export type Order = z.infer<typeof orderSchema>;

/** What it answers, one answer an order. */
export const answerSchema = z.discriminatedUnion('answer', [
  z.object({ answer: z.literal('ready') }),
  z.object({ answer: z.literal('opened') }),
  z.object({ answer: z.literal('loaded'), loaded: loadedSchema }),
  z.object({ answer: z.literal('closed') }),
  z.object({ answer: z.literal('failed'), message: z.string() }),
]);
export type Answer = z.infer<typeof answerSchema>;
