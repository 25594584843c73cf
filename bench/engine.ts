import { z } from 'zod';
import type { FourSteps } from './four-steps.ts';

/** The settings of a contender's process. */
export const settingsSchema = z.object({
  /** Of the contender. */
  name: z.string(),
  /** Also the type of its saga and the name of its service. */
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

/** The client and the worker of a contender, in one process. */
export interface Engine {
  /** Rejects when the saga did not end as expected. */
  run(saga: FourSteps): Promise<void>;
  close(): Promise<unknown>;
}

export type OpenEngine = (settings: Settings) => Promise<Engine>;

export function temporalOf({ name, temporal }: Settings): string {
  if (temporal === undefined) throw new Error(`${name} needs the address of a Temporal server`);
  return temporal;
}
