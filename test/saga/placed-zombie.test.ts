import type { Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase } from '../../src/guard/database.ts';
import { doStep } from '../../src/guard/guard.ts';
import { bookLoan } from '../../src/services/loan/book-loan.ts';
import { stopAll } from '../compose/programs.ts';
import { guardRows } from '../matrix/look.ts';
import { eventually } from '../stack/support.ts';
import { doneAndUndone, startOrigination } from '../support/killed.ts';
import { application, rowsOf } from '../support/originations.ts';
import { type System, startSystem } from '../support/system.ts';
import { tcpProxy } from '../support/tcp-proxy.ts';
import { startWorkerProcess } from '../support/worker-process.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem({ roles: [], placed: true });
});
afterAll(async () => {
  await stopAll();
  await system.end();
});

/** Passes everything on, but what clients send once it is shut: that waits until it is opened. */
async function gate(url: string) {
  const waiting: { upstream: Socket; bytes: Buffer }[] = [];
  let shut = false;
  const proxy = await tcpProxy(url, (client, upstream) => {
    client.on('data', (bytes) => (shut ? waiting.push({ upstream, bytes }) : upstream.write(bytes)));
    upstream.on('data', (bytes) => client.write(bytes));
  });
  return {
    ...proxy,
    waiting: () => waiting.map(({ bytes }) => bytes.toString('latin1')),
    shut() {
      shut = true;
    },
    open() {
      shut = false;
      for (const { upstream, bytes } of waiting.splice(0)) upstream.write(bytes);
    },
  };
}

test('a worker that stood still while another undid its saga leaves nothing when it goes on, and its step is fenced', async () => {
  const temporal = await gate(`http://${system.temporal.address}`);
  const loans = await gate(system.databases.loan);
  const zombie = await startWorkerProcess(system, {
    env: { TEMPORAL_ADDRESS: new URL(temporal.url).host, LOAN_DATABASE_URL: loans.url },
  });
  loans.shut();
  const id = crypto.randomUUID();
  await startOrigination(system, id);
  await eventually(
    async () => (await doneAndUndone(system, id)).done.includes('approve-application'),
    'it is approved',
  );
  // The relay and the sweeps have connections of their own.
  const ofSteps = '\0unwind-loan\0';
  await eventually(
    () => loans.waiting().some((sent) => sent.includes(ofSteps)),
    'it is about to book the loan',
  );
  process.kill(zombie.pid, 'SIGSTOP');
  temporal.close();
  await system.handle('mortgage-origination', id).cancel();
  await startWorkerProcess(system);
  const state = async () => (await system.get(id)).state;
  await expect.poll(state, { interval: 200, timeout: 60_000 }).toBe('cancelled');
  const rows = { customers: 0, claims: 0, applications: ['withdrawn'], loans: [], entries: [] };
  const guarded = await guardRows(system, id);

  process.kill(zombie.pid, 'SIGCONT');
  loans.open();
  await eventually(() => /"step":"book-loan"/.test(zombie.printed()), 'it goes on');
  expect(await rowsOf(system, id)).toEqual(rows);

  // Its own clock has kept it from sending the step. Had it been sent, the guard would have refused it.
  const input = { ...application(), customer_id: id, mortgage_id: id };
  const call = { saga_id: id, step: 'book-loan', generation: 1, position: 3, input };
  const loan = openDatabase(system.databases.loan);
  const late = doStep(loan, bookLoan(system.config.lendingLimit), call);
  await expect(late).rejects.toMatchObject({ type: 'fenced' });
  await loan.end();
  expect(await rowsOf(system, id)).toEqual(rows);
  expect(await guardRows(system, id)).toEqual(guarded);
}, 180_000);
