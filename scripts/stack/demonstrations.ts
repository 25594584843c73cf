import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import type { Config } from '../../src/config.ts';
import { requestHash } from '../../src/guard/request-hash.ts';
import { centsToNumber, formatCents } from '../../src/money/money.ts';
import type { Log } from './progress.ts';
import { readBack } from './read-back.ts';

const startedSchema = z.object({ saga_id: z.string() });

const sagaSchema = z.object({
  state: z.string(),
  timeline: z.array(
    z.object({
      seq: z.number(),
      step: z.string().optional(),
      op: z.enum(['do', 'undo']).optional(),
      status: z.string().optional(),
      started_at: z.string().optional(),
      finished_at: z.string().nullish(),
      error: z.string().nullish(),
    }),
  ),
});
type Saga = z.infer<typeof sagaSchema>;
type Entry = Saga['timeline'][number];

/** Above it, no property could be worth enough for a loan that is refused at booking. */
const largestLimit = 400_000_000_000;

interface Demonstration {
  title: string;
  body: Record<string, unknown>;
  ends: string;
}

/** Without any news of a saga for so long, its worker does not work. */
const patienceMs = 60_000;

/** Two sagas over the HTTP API: one that becomes a loan, one that is refused at booking and unwinds. */
export async function runDemonstrations(
  url: string,
  { databases, lendingLimit }: Config,
  log: Log,
  workerLog: string,
): Promise<void> {
  const granted = { loan_amount: 500_000, property_value: 750_000, interest_rate: 3.25, term_years: 30 };
  const tooMuch = Math.min(centsToNumber(lendingLimit), largestLimit) + 500_000;
  const refused = { loan_amount: tooMuch, property_value: 2 * tooMuch, interest_rate: 3.25, term_years: 30 };
  const demonstrations: Demonstration[] = [
    {
      title: 'a loan of 500,000 at 3.25 % over 30 years is granted',
      body: {
        customer: { name: 'Ada Lovelace', email: 'ada@example.com' },
        ...granted,
        annual_income: 120_000,
      },
      ends: 'completed',
    },
    {
      title: `a loan above the lending limit of ${formatCents(lendingLimit)} is refused at booking, and the saga unwinds`,
      body: {
        customer: { name: 'Charles Babbage', email: 'charles@example.com' },
        ...refused,
        annual_income: tooMuch,
      },
      ends: 'compensated',
    },
  ];
  for (const [index, { title, body, ends }] of demonstrations.entries()) {
    log(`\nDemonstration ${index + 1}: ${title}`);
    const startedAt = Date.now();
    const { id, saga } = await run(url, body, log, workerLog);
    const [first] = saga.timeline.flatMap(({ started_at }) => (started_at ? [Date.parse(started_at)] : []));
    const earlier =
      first !== undefined && first < startedAt - 1_000 ? ` (on ${new Date(first).toISOString()})` : '';
    log(`  saga ${id} ended ${saga.state}${earlier}. Read back from the databases:`);
    for (const line of await readBack(databases, id)) log(`    ${line}`);
    if (saga.state !== ends) log(`  It should have ended ${ends}: ${url}/sagas/${id} says why.`);
  }
}

/** The key makes a later start find the saga of an earlier one, as long as Temporal keeps it. */
async function run(
  url: string,
  body: Demonstration['body'],
  log: Log,
  workerLog: string,
): Promise<{ id: string; saga: Saga }> {
  const key = `demonstration-${requestHash(body)}`;
  const known = await start(url, body, key);
  const saga = await follow(`${url}/sagas/${known}`, log, workerLog);
  if (saga) return { id: known, saga };
  const id = await start(url, body, `${key}-${Date.now()}`);
  const again = await follow(`${url}/sagas/${id}`, log, workerLog);
  if (!again) throw new Error(`The saga ${id} was accepted and is not there`);
  return { id, saga: again };
}

async function start(url: string, body: Demonstration['body'], key: string): Promise<string> {
  const response = await fetch(`${url}/sagas/mortgage-origination`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify(body),
  });
  if (response.status !== 202)
    throw new Error(`POST /sagas/mortgage-origination answered ${await response.text()}`);
  return startedSchema.parse(await response.json()).saga_id;
}

/** Prints every step and compensation when it has happened, until the saga has ended; undefined if there is none. */
export async function follow(
  url: string,
  log: Log,
  workerLog: string,
  limitMs = patienceMs,
): Promise<Saga | undefined> {
  const printed = new Map<string, string | undefined>();
  let last = '';
  let since = Date.now();
  for (;;) {
    const response = await fetch(url);
    if (response.status === 404) return undefined;
    if (!response.ok) throw new Error(`GET ${url} answered ${await response.text()}`);
    const text = await response.text();
    if (text !== last) since = Date.now();
    if (Date.now() - since > limitMs)
      throw new Error(
        `Nothing is heard of ${url} for ${limitMs / 1_000} s. Its worker's log says why: ${workerLog}`,
      );
    last = text;
    const saga = sagaSchema.parse(JSON.parse(text));
    for (const entry of saga.timeline) {
      const key = `${entry.op} ${entry.step}`;
      if (!entry.step || entry.status === 'running' || printed.get(key) === entry.status) continue;
      printed.set(key, entry.status);
      log(line(entry));
    }
    if (!['running', 'waiting', 'compensating'].includes(saga.state)) return saga;
    await pause(50);
  }
}

function line({ step, op, status, finished_at, error }: Entry): string {
  const name = op === 'undo' ? `undo ${step}` : step;
  const reason = status !== 'done' && error ? `: ${error}` : '';
  return `  ${finished_at?.slice(11, 23) ?? ''}  ${name?.padEnd(26)} ${status}${reason}`;
}
