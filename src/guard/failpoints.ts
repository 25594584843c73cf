import { z } from 'zod';
import { StepError } from '../saga/errors.ts';
import { type StepOp, stepOps } from '../saga/step.ts';

export const failpointSchema = z.strictObject({
  saga: z.guid().toLowerCase().optional(),
  step: z.string(),
  op: z.enum(stepOps),
  attempt: z.int().min(1).optional(),
  at: z.enum(['before', 'after_commit']),
  do: z.enum(['refuse', 'error', 'hang', 'exit']),
  /** Maximum number of hits in this process. */
  times: z.int().min(1).optional(),
});
export type Failpoint = z.infer<typeof failpointSchema>;

interface Place {
  saga: string;
  step: string;
  op: StepOp;
  attempt: number;
  at: Failpoint['at'];
}

/** Called before the guard and after its commit. `cancelled` rejects when the worker stops, to end a hang. */
export type Failpoints = (place: Place, cancelled: Promise<never>) => Promise<void>;

export function createFailpoints(
  configured: readonly Failpoint[],
  report: (place: Place, action: string) => void,
): Failpoints {
  const fired = new Map<Failpoint, number>();
  return async (place, cancelled) => {
    const hit = configured.find((failpoint) => {
      const left = failpoint.times === undefined || (fired.get(failpoint) ?? 0) < failpoint.times;
      return left && matches(failpoint, place);
    });
    if (!hit) return;
    fired.set(hit, (fired.get(hit) ?? 0) + 1);
    report(place, hit.do);
    if (hit.do === 'refuse') throw new StepError('refused', `failpoint ${place.at}`);
    if (hit.do === 'error') throw new Error(`failpoint ${place.at}`);
    if (hit.do === 'exit') process.kill(process.pid, 'SIGKILL');
    await cancelled;
  };
}

const matches = (failpoint: Failpoint, place: Place) =>
  failpoint.step === place.step &&
  failpoint.op === place.op &&
  failpoint.at === place.at &&
  (failpoint.saga ?? place.saga) === place.saga &&
  (failpoint.attempt ?? place.attempt) === place.attempt;
