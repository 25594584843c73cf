import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { Database } from '../guard/database.ts';
import { type ListedRun, listRuns, unwinderType } from '../history/list-runs.ts';
import { standings } from '../history/newest-runs.ts';
import { compensatingSinceKey, type SagaState, sagaStateKey } from '../saga/state.ts';
import { countChoreographies } from '../services/registry/count-choreographies.ts';

const closed = '"Completed", "Failed", "Canceled", "Terminated", "ContinuedAsNew", "TimedOut"';
/** Negated so that SQLite uses the state index, not the status index. */
const open = (state: SagaState) => `${sagaStateKey.name} = "${state}" and ExecutionStatus not in (${closed})`;

/** Orchestrated sagas. A terminated or timed-out saga counts by its unwinder. */
const queries = {
  running: open('running'),
  waiting: open('waiting'),
  compensating: open('compensating'),
  parked: open('parked'),
};

/** Unwinders that `queries.parked` misses, or should not count: see `correctionOf`. */
const unsure = `WorkflowType = "${unwinderType}" and (ExecutionStatus in ("Terminated", "TimedOut") or (${queries.parked}))`;

/** For some seven requests per scrape, one after the other; a Temporal server allows ten a second. */
const timeoutMs = 2_000;
/** With more compensating sagas, the age is a lower bound: Temporal orders by start, if at all. */
const maxExamined = 1_000;
/** Of the unwinders; the newest. */
const maxUnwinders = 100;

interface Sources {
  temporal: Client;
  /** Counts choreographed sagas. */
  registry: Database;
  logger: Logger;
}

/** Returns a function that refreshes the gauges. They are absent while Temporal or the registry is down. */
export function sagaGauges(metrics: Registry, { temporal, registry, logger }: Sources): () => Promise<void> {
  const registers = [metrics];
  const sagas = new Gauge({
    name: 'unwind_sagas',
    help: 'Sagas in each state now',
    labelNames: ['state'],
    registers,
  });
  const age = new Gauge({
    name: 'unwind_oldest_compensation_age_seconds',
    help: 'Age of the oldest compensation in progress; 0 if there is none',
    registers,
  });
  const errors = new Counter({
    name: 'unwind_scrape_errors_total',
    help: 'Scrapes that could not count the sagas',
    registers,
  });

  async function read(): Promise<void> {
    try {
      const choreographies = await countChoreographies(registry);
      await temporal.withDeadline(Date.now() + timeoutMs, async () => {
        for (const [state, query] of Object.entries(queries)) {
          const { count } = await temporal.workflow.count(query);
          sagas.set({ state }, count + (choreographies.counts.get(state) ?? 0));
        }
        sagas.inc({ state: 'parked' }, await correctionOf(temporal));
        const choreographedAge = Date.now() - (choreographies.compensatingSince?.getTime() ?? Date.now());
        age.set(Math.max(await oldestCompensation(temporal), choreographedAge) / 1_000);
      });
    } catch (err) {
      sagas.reset();
      age.remove();
      errors.inc();
      logger.warn({ err }, 'the gauges of sagas could not be read');
    }
  }

  let reading: Promise<void> | undefined;
  return () => {
    reading ??= read().finally(() => {
      reading = undefined;
    });
    return reading;
  };
}

/**
 * A saga whose unwinder was itself terminated is parked, until that is reset. One that was reset itself goes on, beside the
 * unwinder that is parked.
 */
async function correctionOf(temporal: Client): Promise<number> {
  const { runs } = await listRuns(temporal, unsure, { pageSize: maxUnwinders });
  const standing = await standings(temporal, runs);
  const stands = ({ sagaId, runId }: ListedRun) => standing.get(sagaId)?.runId === runId;
  const missed = runs.filter((run) => run.isLeftBehind && stands(run));
  const idle = runs.filter((run) => !run.isLeftBehind && !stands(run));
  return missed.length - idle.length;
}

/** In milliseconds; 0 if no saga is compensating. */
async function oldestCompensation(temporal: Client): Promise<number> {
  const now = Date.now();
  let oldest = now;
  let seen = 0;
  for await (const { memo, startTime } of temporal.workflow.list({
    query: queries.compensating,
    pageSize: maxExamined,
  })) {
    oldest = Math.min(oldest, Date.parse(String(memo?.[compensatingSinceKey])) || startTime.getTime());
    seen += 1;
    if (seen === maxExamined) break;
  }
  return now - oldest;
}
