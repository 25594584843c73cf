import type { Client } from '@temporalio/client';
import { z } from 'zod';
import { carriedSchema } from '../saga/data.ts';
import { endOf } from '../saga/fold-end.ts';
import type { HistoryEvent } from '../saga/fold-steps.ts';
import type { FoundSaga } from '../saga/left-behind.ts';
import { firstValue, payloadConverter } from '../saga/lenient-payloads.ts';
import { unwinderId, workflowId } from '../saga/state.ts';
import { parseActivityId, undoOutcomeSchema } from '../saga/step.ts';
import {
  eventsOfFreshTask,
  placementKey,
  placementSchema,
  stretchActivity,
  undoStretchActivity,
} from '../saga/stretch.ts';
import { isLocalStretch, stretchOf, toldBy } from '../saga/told.ts';
import { givesUp } from './gives-up.ts';
import { readRuns } from './runs.ts';
import type { SagaName } from './saga-history.ts';

/** What all runs of a saga tell of it, the unwinder's apart. */
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

/** What the run knew that continued as new with this one, and that may no longer be kept. */
function carriedBy(first: HistoryEvent | undefined) {
  const payload = first?.workflowExecutionStartedEventAttributes?.input?.payloads?.[1];
  return payload ? carriedSchema.safeParse(payloadConverter.fromPayload(payload)).data : undefined;
}

const callSchema = z.object({ position: z.int() });

const stepsTold = (event: HistoryEvent) => [
  ...scheduledStep(event),
  ...toldBy(event).flatMap(({ op, step, generation, position }) =>
    op === 'do' ? [{ step, generation, position }] : [],
  ),
];

/** Where a saga was placed while a stretch of it may have run that its history does not tell of. */
function unrecordedIn(events: HistoryEvent[]): string[] {
  const [first] = events;
  const begun = first?.workflowExecutionStartedEventAttributes;
  const placement = begun?.memo?.fields?.[placementKey];
  if (!placement) return [];
  const isContinued = Boolean(begun.continuedExecutionRunId);
  const isTold = isContinued || events.some(isFreshStretch);
  const open = new Set(events.filter(isStretchScheduled).map(({ eventId }) => String(eventId)));
  for (const event of events) {
    // A step that was begun in it may have been done: it is scheduled by itself later, or never.
    if (stretchOf(event)?.begun !== null) continue;
    open.delete(scheduledEventOf(event));
  }
  return isTold && open.size === 0 ? [] : placementSchema.parse(payloadConverter.fromPayload(placement));
}

/** Of a task that nobody had tried before, and that nobody kept alive. */
const isFreshStretch = (event: HistoryEvent) =>
  isLocalStretch(event) &&
  Number(event.markerRecordedEventAttributes?.workflowTaskCompletedEventId) === eventsOfFreshTask + 1;

const isStretchScheduled = ({ activityTaskScheduledEventAttributes: scheduled }: HistoryEvent) =>
  scheduled?.activityType?.name === stretchActivity;

const entriesSchema = z.object({ entries: z.array(z.object({ step: z.string(), generation: z.int() })) });

/** The steps that a run begins to undo. A pivot whose fence found it committed stands. */
function undosBegun(events: HistoryEvent[]) {
  const fruitless = new Set(events.filter(hasFoundCommitted).map(scheduledEventOf));
  return events.filter(({ eventId }) => !fruitless.has(String(eventId))).flatMap(undosBegunBy);
}

const scheduledEventOf = ({ activityTaskCompletedEventAttributes: completed }: HistoryEvent) =>
  String(completed?.scheduledEventId);

const hasFoundCommitted = ({ activityTaskCompletedEventAttributes: completed }: HistoryEvent) =>
  undoOutcomeSchema.safeParse(firstValue(completed?.result)).data?.outcome === 'committed';

/** One alone, or many in one go. */
function undosBegunBy({ activityTaskScheduledEventAttributes: scheduled }: HistoryEvent) {
  const { op, step, generation } = parseActivityId(scheduled?.activityId ?? '') ?? {};
  if (op === 'undo' && step !== undefined && generation !== undefined) return [{ step, generation }];
  if (scheduled?.activityType?.name !== undoStretchActivity) return [];
  return entriesSchema.parse(firstValue(scheduled?.input)).entries;
}

function scheduledStep({ activityTaskScheduledEventAttributes: scheduled }: HistoryEvent) {
  const { op, step, generation } = parseActivityId(scheduled?.activityId ?? '') ?? {};
  if (op !== 'do' || step === undefined || generation === undefined) return [];
  const { position } = callSchema.parse(firstValue(scheduled?.input));
  return [{ step, generation, position }];
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
