import {
  CancellationScope,
  proxyActivities,
  proxyLocalActivities,
  TemporalFailure,
  workflowInfo,
} from '@temporalio/workflow';
import type { SagaData } from '../data.ts';
import type { StepContract } from '../step.ts';
import { stopIfCancelled } from '../workflow/forward.ts';
import { mayBeUndone, stopIfUndone } from '../workflow/recall.ts';
import type { SagaRun } from '../workflow/run.ts';
import { register } from '../workflow/stack.ts';
import {
  eventsOfFreshTask,
  type InlineActivities,
  type InlineRun,
  type InlineStep,
  inlineRunSchema,
  inlineTimeout,
} from './inline-run.ts';

/** No retries: after a failed run the kernel runs the remaining steps one by one, each with its own policy. */
const once = { startToCloseTimeout: inlineTimeout, retry: { maximumAttempts: 1 } };
const inThisTask = proxyLocalActivities<InlineActivities>(once);
const recorded = proxyActivities<InlineActivities>(once);

const isFresh = () => workflowInfo().historyLength <= eventsOfFreshTask;

const isAtStart = ({ position, journal }: SagaData) => position === 0 && journal.length === 0;

export function mayRunInline({ data }: SagaRun, { service }: StepContract): boolean {
  const isBranched = data.journal.some(({ branches }) => branches !== undefined);
  const isWhole = data.undone.length === 0;
  return data.placement.includes(service) && data.open === null && !isBranched && isWhole;
}

/** Runs the first steps inline. Returns the saga's result if its code ended inline. */
export async function startInline(run: SagaRun, input: unknown): Promise<InlineRun['ended']> {
  const { data, plan } = run;
  const [first] = plan.steps;
  // A worker of another version may have run a different first step.
  if (isAtStart(data) && !isFresh()) markUnrecorded(data, data.placement);
  return first && isAtStart(data) && mayRunInline(run, first) ? runInline(run, input) : null;
}

/**
 * Runs the next steps in the worker's process and puts them on the stack and in the journal. Only the first attempt of
 * a saga's first task does so before anything is recorded: a failed attempt may have run steps that no event reports.
 * A later attempt still calls the local activity, which then does nothing: its history length differs between the
 * worker that ran a heartbeating task and a replay. Returns the saga's result if its code ended inline.
 */
export async function runInline(run: SagaRun, input: unknown): Promise<InlineRun['ended']> {
  const { data, plan } = run;
  const isFirst = isAtStart(data);
  const { journal, counts, position, placement } = data;
  const deadline = data.committed || data.reset ? null : data.deadline;
  const call = { saga_id: run.id, type: plan.type, input, journal, counts, position, placement, deadline };
  stopIfCancelled(run);
  if (mayBeUndone(run)) await stopIfUndone(run);
  // Each step must be checked before it runs.
  if (data.undone.length > 0) return null;
  // It was waiting for a decision.
  if (data.base.state !== 'running') run.show('running');
  const go = async (activities: InlineActivities, again: boolean) => {
    run.runsInline = true;
    try {
      return await callInline(run, () => activities.stretch({ ...call, again }));
    } finally {
      run.runsInline = false;
    }
  };
  let outcome = isFirst ? await go(inThisTask, !isFresh()) : await go(recorded, false);
  // A worker that takes over a heartbeating task runs the steps again.
  if (isFirst && !isFresh()) markUnrecorded(data, placement);
  if (outcome?.put_off) {
    // A cancel that came before the first worker has been handled by now.
    stopIfCancelled(run);
    outcome = await go(recorded, false);
  }
  if (!outcome) markUnrecorded(data, placement);
  else record(run, outcome);
  if (outcome?.overdue) run.passDeadline();
  stopIfCancelled(run);
  return outcome?.ended ?? null;
}

/** Steps of these services may have run without being recorded. */
export function markUnrecorded(data: Pick<SagaData, 'unrecorded'>, services: string[]) {
  data.unrecorded = [...new Set([...data.unrecorded, ...services])];
}

/** Undefined if the outcome is unknown: the saga then goes on step by step. */
export async function callInline(
  run: SagaRun,
  call: () => Promise<InlineRun>,
): Promise<InlineRun | undefined> {
  const { data } = run;
  try {
    const outcome = inlineRunSchema.parse(await CancellationScope.nonCancellable(call));
    data.placement = data.placement.filter((service) => service !== outcome.away);
    return outcome;
  } catch (failure) {
    // A local activity does not always fail with an ActivityFailure.
    if (!(failure instanceof TemporalFailure)) throw failure;
    data.placement = [];
    return undefined;
  }
}

/** Scheduled as an ordinary activity, so that the undo is recorded before it starts. */
export const scheduleInlineUndo = recorded.undoStretch;

function record(run: SagaRun, { told, begun }: InlineRun) {
  const { data } = run;
  for (const reported of told) {
    const entry = enter(run, reported);
    if (reported.error) data.open = { entry, input: begun?.input, ahead: { error: reported.error } };
    else {
      data.journal.push({ name: reported.step, value: reported.result });
      if (run.contractOf(reported.step).pivot) run.commit();
      data.base = { state: 'running', step: reported.step };
    }
  }
  if (begun && !data.open)
    data.open = { entry: register(run, run.contractOf(begun.step)), input: begun.input, ahead: {} };
}

function enter(run: SagaRun, { step, position }: InlineStep) {
  const entry = register(run, run.contractOf(step));
  if (entry.step === step && entry.position === position) return entry;
  throw new Error(`${step} was run at ${position}, where the saga has ${entry.step} at ${entry.position}`);
}
