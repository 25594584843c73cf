import { z } from 'zod';
import type { Database } from '../../guard/database.ts';
import { holderIn } from '../../guard/refuse-held.ts';
import { isEnded } from '../../saga/state.ts';
import { findLoan } from '../../services/loan/find-loans.ts';
import {
  findPayment,
  findPaymentOf,
  isTaken,
  paymentRow,
  paymentsOf,
  paymentsOnLoan,
} from '../../services/loan/find-payments.ts';
import { readRefusal } from '../../services/loan/payment-refusals.ts';
import { paymentBody } from '../../workflows/inputs.ts';
import { ownOrNotFound } from '../accounts/own.ts';
import { askDatabase } from '../ask-database.ts';
import type { ApiContext } from '../context.ts';
import { isForLater, orNotFound, Problem } from '../http/problem.ts';
import { problems } from '../http/problem-responses.ts';
import { idempotencyKey, pathId, readJsonBody } from '../http/read-request.ts';
import { jsonRoutes } from '../json-routes.ts';
import { authorizedInput } from '../sagas/authorize-start.ts';
import type { describeSaga } from '../sagas/find-saga.ts';
import { settledWithin } from '../sagas/prefer-wait.ts';
import { startedSchema } from '../sagas/schemas.ts';
import { startSaga } from '../sagas/start-saga.ts';
import { ownRow, ownRows } from './own-rows.ts';

/** How long POST waits for the payment. */
const waitSeconds = 10;

export function paymentRoutes(context: ApiContext, database: Database) {
  const { routes, get, post } = jsonRoutes(context, 'payments');

  post(
    '/payments',
    {
      access: 'start',
      operation: 'createPayment',
      summary: 'Pay on a loan: runs the saga loan-payment',
      body: paymentBody,
      response: paymentRow,
      more: {
        ...problems(429),
        202: {
          description: 'not done within 10 s',
          content: { 'application/json': { schema: startedSchema } },
        },
      },
    },
    async (c, caller) => {
      const since = performance.now();
      const body = await readJsonBody(c, paymentBody);
      const type = 'loan-payment';
      const input = await authorizedInput(context, caller, { type, input: body });
      const started = await startSaga(context, { type, input, key: idempotencyKey(c), caller: caller.id });
      const left = Math.max(0, waitSeconds - (performance.now() - since) / 1_000);
      const payment = { ...started, loan_id: body.loan_id };
      const row = await paymentOutcome(context, database, payment, left).catch(ignoreIfUnavailable);
      if (row) return c.json(row, 201, { location: `/payments/${row.id}` });
      return c.json(started, 202, { location: started.links.self });
    },
  );

  get(
    '/payments/{id}',
    { access: 'read', operation: 'getPayment', summary: 'A payment', response: paymentRow },
    (c, caller) => ownRow(c, context, caller, 'payment', (id) => findPayment(database, id)),
  );

  get(
    '/loans/{loanId}/payments',
    {
      access: 'read',
      operation: 'listPaymentsOfLoan',
      summary: 'The payments on a loan, latest payment date first',
      response: z.array(paymentRow),
    },
    async (c, caller) => {
      const id = pathId(c, 'loanId');
      // Other roles get [] for an unknown loan.
      if (caller.role === 'customer')
        await ownOrNotFound(context, caller, await askDatabase(() => findLoan(database, id)), 'loan', id);
      return c.json(await askDatabase(() => paymentsOnLoan(database, id)));
    },
  );

  get(
    '/customers/{customerId}/payments',
    {
      access: 'read',
      operation: 'listPaymentsOfCustomer',
      summary: 'The payments of a customer, latest payment date first',
      response: z.array(paymentRow),
    },
    (c, caller) => ownRows(c, context, caller, (id) => paymentsOf(database, id)),
  );
  return routes;
}

/** The payment, or undefined while it is in progress. Throws the reason if nothing was paid. */
async function paymentOutcome(
  context: ApiContext,
  database: Database,
  started: { saga_id: string; loan_id: string },
  seconds: number,
) {
  const saga = await settledWithin(context, started, seconds);
  if (saga === null) return recordedPayment(database, started);
  if (!saga || !isEnded(saga.state)) return undefined;
  // Resolved by hand, the payment may have been kept.
  if (saga.state === 'failed') {
    const row = await askDatabase(() => findPaymentOf(database, started.saga_id, started.loan_id));
    if (row) return row;
  }
  if (saga.state !== 'completed') throw paymentProblem(saga);
  const { payment_id } = z.object({ payment_id: z.guid() }).parse(saga.result);
  return orNotFound(await askDatabase(() => findPayment(database, payment_id)), 'payment', payment_id);
}

/** The payment of a saga that Temporal has deleted. Throws the 409 without one. */
async function recordedPayment(
  database: Database,
  { saga_id, loan_id }: { saga_id: string; loan_id: string },
) {
  const row = await askDatabase(() => findPaymentOf(database, saga_id, loan_id));
  if (row) return row;
  if (await askDatabase(() => isTaken(database, saga_id, loan_id)))
    throw new Problem(409, `the payment of saga ${saga_id} was taken and is not allocated: ask an operator`);
  const detail = `no payment stands of saga ${saga_id}, and why is no longer kept`;
  throw new Problem(409, `${detail}: to pay, send it with a new Idempotency-Key`);
}

/** The saga runs: a client that sends the payment again would pay twice. */
function ignoreIfUnavailable(error: unknown): undefined {
  if (isForLater(error)) return undefined;
  throw error;
}

function paymentProblem({ errors, links }: Awaited<ReturnType<typeof describeSaga>>): Problem {
  const [error] = errors.execution;
  const detail = error?.message ?? 'the payment was undone';
  const saga = { saga: links.self };
  const holder = holderIn(detail);
  if (holder) return new Problem(409, detail, { more: { saga_id: holder, ...saga } });
  const { missing, closed, payoff, field } = readRefusal(detail);
  if (missing) return new Problem(404, detail, { more: saga });
  if (closed) return new Problem(409, detail, { more: { state: closed, ...saga } });
  if (payoff === undefined) return new Problem(409, `the payment was undone: ${detail}`, { more: saga });
  return new Problem(422, `${field}: ${detail}`, {
    errors: [{ pointer: `/${field}`, detail }],
    more: { payoff_amount: Number(payoff), ...saga },
  });
}
