import { z } from 'zod';
import type { FourSteps } from './four-steps.ts';

/** What a contender's process is told when it is to open. */
export const settingsSchema = z.object({
  /** The contender's. */
  name: z.string(),
  /** Its task queue's; also the type of its saga, and its service's name. */
  taskQueue: z.string(),
  /** The module, relative to bench/. */
  engine: z.string(),
  databaseUrl: z.string(),
  /** The address of a Temporal server. */
  temporal: z.string().optional(),
  /** The folder with the bundles of workflows. */
  bundles: z.string(),
  restate: z.object({ ingress: z.string(), admin: z.string() }).optional(),
  /** Unwind's API. */
  api: z.string().optional(),
});
export type Settings = z.infer<typeof settingsSchema>;

/** A client and a worker of one contender, in one process. */
export interface Engine {
  /** Resolves when the saga has ended as it should; rejects when it ended otherwise. */
  run(saga: FourSteps): Promise<void>;
  close(): Promise<unknown>;
}

export type OpenEngine = (settings: Settings) => Promise<Engine>;

export function temporalOf({ name, temporal }: Settings): string {
  if (temporal === undefined) throw new Error(`${name} needs the address of a Temporal server`);
  return temporal;
}
