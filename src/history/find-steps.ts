import type { Client } from '@temporalio/client';
import { z } from 'zod';
import type { FoundSaga } from '../saga/activities.ts';
import { carriedSchema, type FoundStep } from '../saga/data.ts';
import { endOf } from '../saga/fold/fold-end.ts';
import type { HistoryEvent } from '../saga/history-event.ts';
import { inlineRunOf, inlineStepsOf, isLocalInlineRun } from '../saga/inline/in-history.ts';
import {
  eventsOfFreshTask,
  inlineActivity,
  inlineUndoActivity,
  placementKey,
  placementSchema,
} from '../saga/inline/inline-run.ts';
import { firstValue, payloadConverter } from '../saga/lenient-payloads.ts';
import type { SagaName } from '../saga/state.ts';
import { unwinderId, workflowId } from '../saga/state.ts';
import { parseActivityId, type StepId, undoOutcomeSchema } from '../saga/step.ts';
import { givesUp } from './gives-up.ts';
import { readRuns } from './read-runs.ts';

/** Which steps a saga's runs have started, and which its runs and its unwinder have begun to undo. */
export async function findSteps(client: Client, { type, sagaId }: SagaName): Promise<FoundSaga> {
  const found = await readRuns(client, workflowId(type, sagaId));
  if (!found) return { status: 'gone', reason: '', steps: [], unrecorded: [], undone: [] };
  const steps = new Map<string, FoundSaga['steps'][number]>();
  const unrecorded = found.runs.flatMap(({ events }) => unrecordedIn(events));
  let committed = false;
  for (const { events } of found.runs) {
    const carried = carriedBy(events[0]);
    committed ||= carried?.committed ?? false;
    unrecorded.push(...(carried?.unrecorded ?? []));
    for (const step of [...(carried?.stack ?? []), ...events.flatMap(stepsTold)]) {
      const key = `${step.step}@${step.generation}`;
      if (!steps.has(key)) steps.set(key, step);
    }
  }
  const last = found.newest.events.at(-1);
  // Only a saga that was reset can have had several stand-ins.
  const every = found.runs.some(({ base }) => base !== undefined);
  const unwinder = await readRuns(client, unwinderId(sagaId), { every });
  const undoing = unwinder?.runs.flatMap(({ events }) => events) ?? [];
  const undone = [...found.runs, ...(unwinder?.runs ?? [])].flatMap(({ events }) => undosBegun(events));
  if (givesUp(undoing)) undone.push(...steps.values());
  return { ...standing(last), steps: [...steps.values()], unrecorded, committed, undone };
}

/** The data of the previous run, which may no longer be kept. */
function carriedBy(first: HistoryEvent | undefined) {
  const payload = first?.workflowExecutionStartedEventAttributes?.input?.payloads?.[1];
  return payload && carriedSchema.safeParse(payloadConverter.fromPayload(payload)).data;
}

const callSchema = z.object({ position: z.int() });

const stepsTold = (event: HistoryEvent) => [
  ...scheduledStep(event),
  ...inlineStepsOf(event).flatMap(({ op, step, generation, position }) =>
    op === 'do' ? [{ step, generation, position }] : [],
  ),
];

/** The services of a saga's placement, if an inline run may have run that its history does not record. */
function unrecordedIn(events: HistoryEvent[]): string[] {
  const [first] = events;
  const begun = first?.workflowExecutionStartedEventAttributes;
  const placement = begun?.memo?.fields?.[placementKey];
  if (!placement) return [];
  const isContinued = Boolean(begun.continuedExecutionRunId);
  const isTold = isContinued || events.some(isFreshInlineRun);
  const open = new Set(events.filter(isInlineScheduled).map(({ eventId }) => String(eventId)));
  for (const event of events) {
    // A step that it started may have been done; it is scheduled separately later, or never.
    if (inlineRunOf(event)?.begun !== null) continue;
    open.delete(scheduledEventOf(event));
  }
  return isTold && open.size === 0 ? [] : placementSchema.parse(payloadConverter.fromPayload(placement));
}

/** In the first attempt of a task that did not heartbeat. */
const isFreshInlineRun = (event: HistoryEvent) =>
  isLocalInlineRun(event) &&
  Number(event.markerRecordedEventAttributes?.workflowTaskCompletedEventId) === eventsOfFreshTask + 1;

const isInlineScheduled = ({ activityTaskScheduledEventAttributes: scheduled }: HistoryEvent) =>
  scheduled?.activityType?.name === inlineActivity;

const entriesSchema = z.object({ entries: z.array(z.object({ step: z.string(), generation: z.int() })) });

/** The steps that a run starts to undo, except for a pivot that was found committed. */
function undosBegun(events: HistoryEvent[]) {
  const fruitless = new Set(events.filter(hasFoundCommitted).map(scheduledEventOf));
  return events.filter(({ eventId }) => !fruitless.has(String(eventId))).flatMap(undosBegunBy);
}

const scheduledEventOf = ({ activityTaskCompletedEventAttributes: completed }: HistoryEvent) =>
  String(completed?.scheduledEventId);

const hasFoundCommitted = ({ activityTaskCompletedEventAttributes: completed }: HistoryEvent) =>
  undoOutcomeSchema.safeParse(firstValue(completed?.result)).data?.outcome === 'committed';

/** A single step, or several of an inline undo. */
function undosBegunBy({ activityTaskScheduledEventAttributes: scheduled }: HistoryEvent): StepId[] {
  const key = parseActivityId(scheduled?.activityId ?? '');
  if (key?.op === 'undo') return [{ step: key.step, generation: key.generation }];
  if (scheduled?.activityType?.name !== inlineUndoActivity) return [];
  return entriesSchema.parse(firstValue(scheduled?.input)).entries;
}

function scheduledStep({ activityTaskScheduledEventAttributes: scheduled }: HistoryEvent): FoundStep[] {
  const key = parseActivityId(scheduled?.activityId ?? '');
  if (key?.op !== 'do') return [];
  const { position } = callSchema.parse(firstValue(scheduled?.input));
  return [{ step: key.step, generation: key.generation, position }];
}

function standing(last: HistoryEvent | undefined): Pick<FoundSaga, 'status' | 'reason'> {
  const end = last && endOf(last);
  if (!end) return { status: 'open', reason: '' };
  if (end.state !== 'parked') return { status: 'ended', reason: '' };
  const terminated = last.workflowExecutionTerminatedEventAttributes;
  return terminated
    ? { status: 'terminated', reason: terminated.reason ?? '' }
    : { status: 'timed-out', reason: '' };
}
