import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { z } from 'zod';
import { until } from '../../scripts/stack/processes.ts';
import { serviceNames } from '../../src/service-names.ts';
import { application } from '../engines/origination/application.ts';
import { runLoad } from '../loads.ts';
import { withSql } from '../sql.ts';
import { percentile } from '../statistics.ts';
import type { Ground } from './ground.ts';
import { post } from './send.ts';

export const originations = 'mortgage-origination';

/** The most sagas started and not yet processed. More would only wait in Temporal's queues. */
const mostUnderWay = 500;
const linesEveryMs = 5_000;
const limitMs = 120_000;

const started = z.object({ saga_id: z.string() });

interface Filled extends Pick<Ground, 'api' | 'log'> {
  temporal: { workflow: Pick<Client['workflow'], 'count'> };
}

/** Starts sagas over HTTP, 50 at once, until this many wait for an underwriter. */
export async function fill({ api, temporal, log }: Filled, sagas: number) {
  const ids: string[] = [];
  const posts: number[] = [];
  let asked = 0;
  let resent = 0;
  let waiting = 0;
  let failed = false;
  const since = performance.now();

  const run = async () => {
    while (asked - waiting >= mostUnderWay && !failed) await pause(50);
    asked += 1;
    const { annual_income: _, ...withoutIncome } = application();
    const sent = performance.now();
    const answer = await post(`${api}/sagas/${originations}`, withoutIncome, {
      'idempotency-key': crypto.randomUUID(),
    });
    posts.push(performance.now() - sent);
    resent += answer.resent;
    ids.push(started.parse(answer.body).saga_id);
  };

  async function watch() {
    let [reported, moved] = [Date.now(), Date.now()];
    while (waiting < sagas && !failed) {
      const query = 'ExecutionStatus = "Running" and SagaState = "waiting"';
      const counting = performance.now();
      const { count } = await temporal.workflow.count(query);
      if (count > waiting) moved = Date.now();
      waiting = count;
      if (Date.now() - moved > limitMs)
        throw new Error(`${waiting} of ${sagas} sagas wait, and for two minutes not one more`);
      if (Date.now() - reported > linesEveryMs) {
        reported = Date.now();
        log(`Fill: ${progress(waiting, sagas, (performance.now() - since) / 1_000)}`);
      }
      // Counting costs time too: at most a twentieth.
      await pause(Math.max(200, 19 * (performance.now() - counting)));
    }
  }

  const load = {
    way: { kind: 'at-once', atOnce: 50 },
    refused: false,
    seconds: Number.POSITIVE_INFINITY,
    sagas,
  } as const;
  const both = [runLoad({ run, close: async () => {} }, load), watch()] as const;
  for (const each of both)
    each.catch(() => {
      failed = true;
    });
  await Promise.all(both);
  const seconds = (performance.now() - since) / 1_000;
  return {
    ids,
    seconds,
    sagas_per_second: sagas / seconds,
    post_p50_ms: percentile(posts, 50),
    post_p95_ms: percentile(posts, 95),
    /** Requests that were retried after a 503. */
    resent,
  };
}

const progress = (done: number, all: number, seconds: number) => {
  const rate = done / seconds;
  const left = rate > 0 ? `about ${Math.ceil((all - done) / rate)} s more` : 'how long is not known yet';
  return `${done} of ${all} wait, ${rate.toFixed(1)} a second, ${left}`;
};

/** Waits until the relay has delivered all events, because it still writes rows until then. */
export async function untilRelayed({ place }: Ground): Promise<void> {
  const unsent = async () => {
    let rows = 0;
    for (const service of serviceNames) {
      const [found] = await withSql(
        place.stack.config.databases[service],
        (sql) => sql<{ count: string }[]>`select count(*) from saga_outbox where sent_at is null`,
      );
      rows += Number(found?.count);
    }
    return rows;
  };
  if (!(await until(async () => (await unsent()) === 0, limitMs)))
    throw new Error(`${await unsent()} events have not been passed on within two minutes`);
}
