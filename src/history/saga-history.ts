import type { Client } from '@temporalio/client';
import { tsToMs } from '@temporalio/common/lib/time';
import type { SagaFold } from '../saga/fold/fold.ts';
import { endOf } from '../saga/fold/fold-end.ts';
import type { HistoryEvent, PendingActivity } from '../saga/history-event.ts';
import { type SagaName, unwinderId, workflowId } from '../saga/state.ts';
import { type Chapter, chaptersOf, foldChapters } from './chapters.ts';
import type { Run } from './fetch-run.ts';
import { type Runs, readRuns } from './read-runs.ts';

interface SagaHistory {
  chapters: Chapter[];
  /** The run in which the saga continues, if it has not ended. */
  newest: Run;
  /** Its activities in progress. */
  pending: PendingActivity[];
}

/** Everything that Temporal keeps of a saga: its runs and, if the workflow was terminated or timed out, its unwinder's. */
export async function readSagaHistory(
  client: Client,
  { type, sagaId }: SagaName,
): Promise<SagaHistory | undefined> {
  const saga = await readRuns(client, workflowId(type, sagaId));
  const standIns = saga && (await readEarlierStandIns(client, sagaId, saga));
  const skipped = (run: Run, before: Chapter[]) => shownBefore(run, before, standIns ?? []);
  const chapters = saga ? chaptersOf(saga, { skipped }) : [];
  if (saga && !isLeftBehind(saga.newest, chapters)) return { ...saga, chapters };

  const unwinder = await readRuns(client, unwinderId(sagaId));
  if (!unwinder || (saga && endedBefore(unwinder.newest, saga.newest))) return saga && { ...saga, chapters };
  const more = chaptersOf(unwinder, { prior: chapters, begin: enterUnwinder });
  return { ...unwinder, chapters: [...chapters, ...more] };
}

const enterUnwinder = (fold: SagaFold) => fold.enterUnwinder();

/** The runs of the stand-ins of a saga that was reset after a termination, oldest first. */
async function readEarlierStandIns(client: Client, sagaId: string, { runs }: Runs): Promise<Run[]> {
  const wasLeftBehind = runs.some(({ events }, i) => i < runs.length - 1 && isTerminated(events));
  if (!wasLeftBehind) return [];
  return (await readRuns(client, unwinderId(sagaId), { every: true }))?.runs ?? [];
}

/**
 * How many numbers a stand-in's events took until the reset that began `run`. The run's numbers follow them, so that a
 * client that has seen the stand-in's last event misses nothing of the run.
 */
function shownBefore(run: Run, before: Chapter[], standIns: Run[]): number {
  const last = before.at(-1);
  if (run.base === undefined || !last || !isLeftBehind(last, before)) return 0;
  const then = standIns.filter(({ since }) => since <= run.since);
  const newest = then.at(-1);
  if (!newest || endedBefore(newest, last)) return 0;
  const runs = leadingTo(newest, then).map((one) => upTo(run.since, one));
  const shown = chaptersOf({ runs }, { prior: before, begin: enterUnwinder });
  return foldChapters([...before, ...shown]).seq - foldChapters(before).seq;
}

/** The run, and those that it continues or that were reset to it; all in the order of `runs`. */
function leadingTo({ runId }: Run, runs: Run[]): Run[] {
  const linked = new Set([runId]);
  for (const run of runs.toReversed())
    if (linked.has(run.runId)) for (const other of [run.continues, run.base]) if (other) linked.add(other);
  return runs.filter((run) => linked.has(run.runId));
}

const upTo = (moment: number, run: Run): Run => ({
  ...run,
  events: run.events.filter(({ eventTime }) => tsToMs(eventTime) <= moment),
});

/** Whether it was terminated or timed out and may have left effects. */
function isLeftBehind({ events }: Pick<Run, 'events'>, chapters: Chapter[]): boolean {
  return isTerminated(events) && foldChapters(chapters).state === 'parked';
}

function isTerminated(events: HistoryEvent[]): boolean {
  const last = events.at(-1);
  return last !== undefined && endOf(last)?.state === 'parked';
}

/** An unwinder that ended before the saga was reset does not stand in for the later run. */
function endedBefore(unwinder: WithEvents, saga: WithEvents): boolean {
  const last = unwinder.events.at(-1);
  return last !== undefined && endOf(last) !== undefined && tsToMs(last.eventTime) < closedAt(saga);
}

type WithEvents = Pick<Run, 'events'>;
const closedAt = ({ events }: WithEvents) => tsToMs(events.at(-1)?.eventTime);
