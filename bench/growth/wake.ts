import { z } from 'zod';
import { workflowId } from '../../src/saga/state.ts';
import { originations } from './fill.ts';
import { type Ground, lengthOf, untilWorking } from './ground.ts';
import { post } from './send.ts';
import { type Times, timesOf } from './times.ts';

const granted = z.object({ outcome: z.literal('granted') });

/** Sends a decision, and returns the milliseconds until the saga has completed. */
async function wake({ api, temporal }: Ground, id: string): Promise<number> {
  const since = performance.now();
  const decision = { approved: true, reason: 'known to us', id: crypto.randomUUID() };
  await post(`${api}/sagas/${id}/decision`, decision);
  granted.parse(await temporal.workflow.getHandle(workflowId(originations, id)).result());
  return performance.now() - since;
}

/** One at a time. */
export async function wakeAll(ground: Ground, ids: string[]): Promise<Times> {
  const milliseconds: number[] = [];
  for (const id of ids) milliseconds.push(await wake(ground, id));
  return timesOf(milliseconds);
}

export interface Restart {
  /** This and the next two are measured from the kill. */
  working_ms: number;
  /** Until the completion of a saga that was decided at once. */
  first_completed_ms: number;
  /** Of the sagas after it, one at a time. */
  others: Times;
}

/** Kills the process that runs the workers, which the supervisor restarts, and decides sagas from then on. */
export async function restart(ground: Ground, [first = '', ...others]: string[]): Promise<Restart> {
  const { place, working } = ground;
  const logFile = place.logFile(working);
  const from = lengthOf(logFile);
  const pid = place.supervisor.pidOf(working);
  if (pid === undefined) throw new Error(`there is no ${working} to kill`);
  const since = performance.now();
  process.kill(pid, 'SIGKILL');
  const elapsed = () => performance.now() - since;
  const [working_ms, first_completed_ms] = await Promise.all([
    untilWorking(logFile, { from }).then(elapsed),
    wake(ground, first).then(elapsed),
  ]);
  return { working_ms, first_completed_ms, others: await wakeAll(ground, others) };
}
