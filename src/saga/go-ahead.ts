import {
  CancellationScope,
  proxyActivities,
  proxyLocalActivities,
  TemporalFailure,
  workflowInfo,
} from '@temporalio/workflow';
import type { SagaData } from './data.ts';
import { stopIfCancelled } from './forward.ts';
import { mayBeUndone, stopIfUndone } from './recall.ts';
import type { SagaRun } from './run.ts';
import { register } from './stack.ts';
import type { StepContract } from './step.ts';
import {
  eventsOfFreshTask,
  type Stretch,
  type StretchActivities,
  stretchSchema,
  stretchTimeout,
  type ToldStep,
} from './stretch.ts';

/** What another attempt would do twice the kernel does by single steps, which know their attempts. */
const once = { startToCloseTimeout: stretchTimeout, retry: { maximumAttempts: 1 } };
const inThisTask = proxyLocalActivities<StretchActivities>(once);
const recorded = proxyActivities<StretchActivities>(once);

const isFresh = () => workflowInfo().historyLength <= eventsOfFreshTask;

const isAtStart = ({ position, journal }: SagaData) => position === 0 && journal.length === 0;

export function mayGoAhead({ data }: SagaRun, { service }: StepContract): boolean {
  const isBranched = data.journal.some(({ branches }) => branches !== undefined);
  const isWhole = data.undone.length === 0;
  return data.placement.includes(service) && data.open === null && !isBranched && isWhole;
}

/** Goes ahead before the saga's code is gone through here, which it need not be if that came to its end. */
export async function startAhead(run: SagaRun, input: unknown): Promise<Stretch['ended']> {
  const { data, plan } = run;
  const [first] = plan.steps;
  // Whatever its first step is here: a worker of another version may have begun with another.
  if (isAtStart(data) && !isFresh()) doubt(data, data.placement);
  return first && isAtStart(data) && mayGoAhead(run, first) ? goAhead(run, input) : null;
}

/**
 * Has the steps that come now run by one worker, and puts them on the stack and in the journal. Only a saga's very
 * first task does so before anything is recorded; a task that was tried before may have done more than anybody told.
 * Then the local activity does nothing, but is called: a replay counts the events of a task that was kept alive
 * otherwise than the one that ran it. Answers what the saga's code has come to, if it came to its end.
 */
export async function goAhead(run: SagaRun, input: unknown): Promise<Stretch['ended']> {
  const { data, plan } = run;
  const isFirst = isAtStart(data);
  const { journal, counts, position, placement } = data;
  const call = { saga_id: run.id, type: plan.type, input, journal, counts, position, placement };
  stopIfCancelled(run);
  if (mayBeUndone(run)) await stopIfUndone(run);
  // By single steps, each of which is looked at first.
  if (data.undone.length > 0) return null;
  // It was waiting for a decision.
  if (data.base.state !== 'running') run.show('running');
  const go = (activities: StretchActivities, again: boolean) =>
    tellStretch(run, () => activities.stretch({ ...call, again }));
  let stretch = isFirst ? await go(inThisTask, !isFresh()) : await go(recorded, false);
  // Who goes on with a task that was kept alive runs it once more.
  if (isFirst && !isFresh()) doubt(data, placement);
  if (stretch?.put_off) {
    // Who waited for a worker with an order to stop was heard meanwhile.
    stopIfCancelled(run);
    stretch = await go(recorded, false);
  }
  if (!stretch) doubt(data, placement);
  else take(run, stretch);
  stopIfCancelled(run);
  return stretch?.ended ?? null;
}

/** Of the steps of these services any may have been done that nobody has told of. */
export function doubt(data: Pick<SagaData, 'unrecorded'>, services: string[]) {
  data.unrecorded = [...new Set([...data.unrecorded, ...services])];
}

/** Undefined when nobody knows what came of it: then the saga goes on step by step. */
export async function tellStretch(run: SagaRun, call: () => Promise<Stretch>): Promise<Stretch | undefined> {
  const { data } = run;
  try {
    const stretch = stretchSchema.parse(await CancellationScope.nonCancellable(call));
    data.placement = data.placement.filter((service) => service !== stretch.away);
    return stretch;
  } catch (failure) {
    // Of a local activity it is not always an ActivityFailure.
    if (!(failure instanceof TemporalFailure)) throw failure;
    data.placement = [];
    return undefined;
  }
}

/** The recorded way back, also of a saga whose code cannot be gone through. */
export const undoStretch = recorded.undoStretch;

function take(run: SagaRun, { told, begun }: Stretch) {
  const { data } = run;
  for (const line of told) {
    const entry = enter(run, line);
    if (line.error) data.open = { entry, input: begun?.input, ahead: { error: line.error } };
    else {
      data.journal.push({ name: line.step, value: line.result });
      if (run.contractOf(line.step).pivot) Object.assign(data, { committed: true, stack: [] });
      data.base = { state: 'running', step: line.step };
    }
  }
  if (begun && !data.open)
    data.open = { entry: register(run, run.contractOf(begun.step)), input: begun.input, ahead: {} };
}

function enter(run: SagaRun, { step, position }: ToldStep) {
  const entry = register(run, run.contractOf(step));
  if (entry.step === step && entry.position === position) return entry;
  throw new Error(`${step} was run at ${position}, where the saga has ${entry.step} at ${entry.position}`);
}
