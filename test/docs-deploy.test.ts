import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { newestRuns } from '../src/history/newest-runs.ts';
import { serviceNames } from '../src/service-names.ts';
import { deleteRun } from './support/delete-runs.ts';
import { byOlga, origination, unwinderOf, waitingSaga } from './support/left-behind.ts';
import { nothing, originate, rowsOf } from './support/originations.ts';
import { deletesAtOnce } from './support/server-settings.ts';
import { shopOf } from './support/shop.ts';
import { type System, startSystem, stepsOf, temporalVariables } from './support/system.ts';

const page = readFileSync(join(import.meta.dirname, '..', 'docs', 'deploy.md'), 'utf8');
const section = page.split('### Sagas that Temporal has lost')[1]?.split('\n## ')[0] ?? '';
const [, block = ''] = /```sh\n([\s\S]*?)```/.exec(section) ?? [];
const queries = [...section.matchAll(/^\| `(.+?)` \| `(.+?)` \| `(.+?)` \|$/gm)];

let system: System;
let shop: ReturnType<typeof shopOf>;
beforeAll(async () => {
  system = await startSystem({ serverArgs: deletesAtOnce, sweepLocksEveryMs: 1_000 });
  shop = shopOf(system);
});
afterAll(() => system.end());

const failing = (step: string) => ({ step, op: 'do', at: 'before', do: 'error' }) as const;

/** Until it tries the step, in vain. */
async function stuckAt(step: string, id: string) {
  const steps = async () => stepsOf(await system.get(id)).at(-1);
  await expect.poll(steps, { timeout: 20_000 }).toBe(`do ${step} running`);
  return id;
}

/** As after a restore of an older Temporal: it has neither the workflows nor anything of them in its index. */
async function lose(...workflows: string[]) {
  const { client } = system.temporal;
  await system.rest('sagas');
  for (const workflowId of workflows) await deleteRun(client, { workflowId });
  const left = async () => (await newestRuns(client, workflows)).size;
  await expect.poll(left, { timeout: 30_000 }).toBe(0);
  system.config.failpoints.length = 0;
  await system.work('sagas');
}

/** What the queries of the page name, as type and id. */
async function named() {
  const rows = await Promise.all(
    queries.map(async ([, type, database, query = '']) => {
      const service = serviceNames.find((name) => name === database);
      if (!service) throw new Error(`the page names the database ${database}`);
      return (await system.sql[service].unsafe(query).values()).map(([id]) => `${type} ${id}`);
    }),
  );
  return new Set(rows.flat());
}

const compensate = (TYPE: string, SAGA: string) =>
  promisify(execFile)('bash', ['-euc', block], {
    env: {
      ...process.env,
      PATH: `${dirname(inject('temporalCli'))}:${process.env['PATH']}`,
      ...temporalVariables(system.temporal),
      TYPE,
      SAGA,
    },
  });

test('sagas that Temporal has lost are named by the queries of the page, and undone by its commands', async () => {
  const lent = await system.untilEnded(await originate(system));
  const { loan_id } = lent.result as { loan_id: string };
  const pen = await shop.product({ inventory: 9 });
  const faults = [failing('allocate-payment'), failing('create-delivery')];
  const waiting = await waitingSaga(system);
  const disbursed = await stuckAt('activate-loan', await originate(system, [failing('activate-loan')]));
  system.config.failpoints.push(...faults);
  const payment = await system.start('loan-payment', { loan_id, payment_amount: 1_000 });
  const purchase = await shop.buy([pen, 2]);
  await stuckAt('allocate-payment', payment);
  await stuckAt('create-delivery', purchase);
  const sagas = [
    [origination, waiting],
    [origination, disbursed],
    ['loan-payment', payment],
    ['purchase', purchase],
  ] as const;
  await lose(...sagas.map(([type, id]) => `${type}-${id}`));

  expect(await named()).toEqual(new Set(sagas.map((saga) => saga.join(' '))));
  for (const [type, id] of sagas) {
    expect(await system.call('GET', `/sagas/${id}`)).toMatchObject({
      status: 404,
      body: { detail: expect.stringContaining('no longer kept') },
    });
    await compensate(type, id);
  }

  for (const id of [waiting, payment, purchase])
    expect(await system.untilEnded(id)).toMatchObject({ state: 'compensated', errors: { compensation: [] } });
  expect(await rowsOf(system, waiting)).toEqual({ ...nothing, applications: ['withdrawn'] });
  expect(await system.sql.loan`select status from payment where saga_id = ${payment}`).toEqual([
    { status: 'refunded' },
  ]);
  expect(await shop.rowsOf(purchase)).toMatchObject({ orders: [{ status: 'cancelled' }], cash: 0 });
  expect(await shop.inventoryOf(pen)).toBe(9);

  const refusal = async () => (await system.get(disbursed)).timeline.at(-1);
  await expect.poll(refusal, { timeout: 20_000 }).toMatchObject({
    event: 'ignored-signal',
    detail: expect.stringContaining('disburse-funds has committed'),
  });
  await unwinderOf(system, disbursed).signal('resolve', byOlga);
  await system.untilEnded(disbursed);
  await expect.poll(named, { timeout: 20_000 }).toEqual(new Set());
  const [loan] = await system.sql.loan`select id from loan where saga_id = ${disbursed}`;
  const { body } = await system.call('GET', `/loans/${loan?.['id']}`);
  expect((await system.call('PUT', `/loans/${body.id}`, { ...body, status: 'active' })).status).toBe(200);
}, 120_000);
