import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { Database } from '../guard/database.ts';
import { compensatingSince, type SagaState, SagaStateKey } from '../saga/state.ts';
import { countChoreographies } from '../services/registry/count-choreographies.ts';

const closed = '"Completed", "Failed", "Canceled", "Terminated", "ContinuedAsNew", "TimedOut"';
/** By what it is not: then SQLite reads its index by state, and not the one by status, in which all are that wait. */
const open = (state: SagaState) => `${SagaStateKey.name} = "${state}" and ExecutionStatus not in (${closed})`;

/** Of sagas that a workflow directs. For a saga that was terminated or timed out its unwinder counts. */
const queries = {
  running: open('running'),
  waiting: open('waiting'),
  compensating: open('compensating'),
  parked: open('parked'),
};

/** A scrape asks five times, one after the other: a Temporal server allows ten such questions a second. */
const answersWithinMs = 2_000;
/** Temporal orders by start where it orders at all: of more compensating sagas than that the age is a lower bound. */
const examined = 1_000;

interface Sources {
  temporal: Client;
  /** Of choreographed sagas. */
  registry: Database;
  logger: Logger;
}

/** Answers what reads the gauges anew. While Temporal or the registry does not answer they are absent. */
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
    help: 'For how long the oldest of the compensating sagas has been unwinding; 0 when none is',
    registers,
  });
  const errors = new Counter({
    name: 'unwind_scrape_errors_total',
    help: 'Scrapes for which Temporal or the registry did not say how many sagas there are',
    registers,
  });

  async function read(): Promise<void> {
    try {
      const { counts, compensatingSince } = await countChoreographies(registry);
      await temporal.withDeadline(Date.now() + answersWithinMs, async () => {
        for (const [state, query] of Object.entries(queries)) {
          const { count } = await temporal.workflow.count(query);
          sagas.set({ state }, count + (counts.get(state) ?? 0));
        }
        const choreographed = Date.now() - (compensatingSince?.getTime() ?? Date.now());
        age.set(Math.max(await oldestCompensation(temporal), choreographed) / 1_000);
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

/** Its age in milliseconds; 0 when nothing is compensating. */
async function oldestCompensation(temporal: Client): Promise<number> {
  const now = Date.now();
  let oldest = now;
  let seen = 0;
  for await (const { memo, startTime } of temporal.workflow.list({
    query: queries.compensating,
    pageSize: examined,
  })) {
    oldest = Math.min(oldest, Date.parse(String(memo?.[compensatingSince])) || startTime.getTime());
    seen += 1;
    if (seen === examined) break;
  }
  return now - oldest;
}
