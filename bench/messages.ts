import { z } from 'zod';
import { settingsSchema } from './engine.ts';

/** A closed model with a fixed number of sagas in progress, or an open one with arrivals. */
const loadSchema = z.object({
  way: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('at-once'), atOnce: z.int() }),
    z.object({ kind: z.literal('arrivals'), perSecond: z.number(), seed: z.int() }),
  ]),
  refused: z.boolean(),
  /** No saga is started after this time … */
  seconds: z.number(),
  /** … or after this many. */
  sagas: z.int(),
});
export type Load = z.infer<typeof loadSchema>;

const loadedSchema = z.object({
  /** For each saga, from its scheduled start to its end. */
  milliseconds: z.array(z.number()),
  /** While sagas are started. */
  perSecond: z.number(),
  ids: z.array(z.string()),
});
export type Loaded = z.infer<typeof loadedSchema>;

/** Commands to the process of a contender. */
export const commandSchema = z.discriminatedUnion('command', [
  z.object({ command: z.literal('open'), settings: settingsSchema }),
  z.object({ command: z.literal('load'), load: loadSchema }),
  z.object({ command: z.literal('close') }),
]);
export type Command = z.infer<typeof commandSchema>;

/** Its replies, one per command. */
export const replySchema = z.discriminatedUnion('reply', [
  z.object({ reply: z.literal('ready') }),
  z.object({ reply: z.literal('opened') }),
  z.object({ reply: z.literal('loaded'), loaded: loadedSchema }),
  z.object({ reply: z.literal('closed') }),
  z.object({ reply: z.literal('failed'), message: z.string() }),
]);
export type Reply = z.infer<typeof replySchema>;
