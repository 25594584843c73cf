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

/** The largest amount that leaves room for a property value; both are limited to 1e12. */
const largestLimit = 400_000_000_000;
const usualAmount = 500_000;

interface Demonstration {
  title: string;
  body: Body;
  ends: string;
}

type Body = { customer: { name: string; email: string } } & Record<string, unknown>;

/** A worker that works changes a saga's timeline well within this time. */
const silenceMs = 60_000;

/** One saga that grants a loan, and one that is refused at booking and unwinds. */
export function planDemonstrations(lendingLimit: bigint): Demonstration[] {
  const limit = Math.min(centsToNumber(lendingLimit), largestLimit);
  const terms = { interest_rate: 3.25, term_years: 30 };
  const amount = Math.min(usualAmount, limit);
  const granted: Demonstration = {
    title: `a loan of ${amount.toLocaleString('en-US')} at 3.25 % over 30 years is granted`,
    body: {
      customer: { name: 'Ada Lovelace', email: emailOf('ada', amount === usualAmount ? '' : amount) },
      ...{ loan_amount: amount, property_value: Math.ceil(amount * 1.5), ...terms },
      annual_income: 120_000,
    },
    ends: 'completed',
  };
  const tooMuch = limit + usualAmount;
  const refused: Demonstration = {
    title: `a loan above the lending limit of ${formatCents(lendingLimit)} is refused at booking, and the saga unwinds`,
    body: {
      customer: { name: 'Charles Babbage', email: emailOf('charles') },
      ...{ loan_amount: tooMuch, property_value: 2 * tooMuch, ...terms },
      annual_income: tooMuch,
    },
    ends: 'compensated',
  };
  return amount > 0 ? [granted, refused] : [refused];
}

const emailOf = (name: string, tag: string | number = '') =>
  `${name}${tag === '' ? '' : `+${tag}`}@example.com`;

export async function runDemonstrations(
  url: string,
  { databases, lendingLimit }: Config,
  log: Log,
  workerLog: string,
): Promise<void> {
  for (const [index, { title, body, ends }] of planDemonstrations(lendingLimit).entries()) {
    log(`\nDemonstration ${index + 1}: ${title}`);
    const startedAt = Date.now();
    const { id, saga } = await run(url, body, log, workerLog);
    const [first] = saga.timeline.flatMap(({ started_at }) => (started_at ? [Date.parse(started_at)] : []));
    const earlier =
      first !== undefined && first < startedAt - 1_000 ? ` (on ${new Date(first).toISOString()})` : '';
    log(`  saga ${id} ended ${saga.state}${earlier}. Read back from the databases:`);
    for (const line of await readBack(databases, id)) log(`    ${line}`);
    if (saga.state !== ends) log(`  It should have ended ${ends}: ${url}/sagas/${id} shows why.`);
  }
}

/** Finds the saga of an earlier start by its key. Where Temporal has forgotten it, another customer applies. */
export async function run(
  url: string,
  body: Body,
  log: Log,
  workerLog: string,
): Promise<{ id: string; saga: Saga }> {
  const key = `demonstration-${requestHash(body)}`;
  const known = await start(url, body, key);
  const saga = await follow(`${url}/sagas/${known}`, log, workerLog);
  if (saga) return { id: known, saga };
  // The first customer may still owe the first loan: the lending limit would refuse another one.
  const email = body.customer.email.replace('@', `+${Date.now()}@`);
  const anew = { ...body, customer: { ...body.customer, email } };
  const id = await start(url, anew, `demonstration-${requestHash(anew)}`);
  const again = await follow(`${url}/sagas/${id}`, log, workerLog);
  if (!again) throw new Error(`The saga ${id} was accepted, and GET ${url}/sagas/${id} does not find it`);
  return { id, saga: again };
}

async function start(url: string, body: Body, key: string): Promise<string> {
  const response = await fetch(`${url}/sagas/mortgage-origination`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify(body),
  });
  if (response.status !== 202)
    throw new Error(`POST /sagas/mortgage-origination answered ${await response.text()}`);
  return startedSchema.parse(await response.json()).saga_id;
}

/** Prints each step and compensation as it completes, until the saga has ended. Undefined when there is no such saga. */
export async function follow(
  url: string,
  log: Log,
  workerLog: string,
  limitMs = silenceMs,
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
        `${url} has not changed for ${limitMs / 1_000} s. The worker's log shows why: ${workerLog}`,
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
