import { z } from 'zod';
import type { Database } from '../../guard/database.ts';
import { runRequest } from '../../guard/request.ts';
import { requestId } from '../../guard/request-id.ts';
import { createLoan } from '../../services/loan/create-loan.ts';
import { deleteLoan } from '../../services/loan/delete-loan.ts';
import { findLoan, findLoanOfMortgage, loansOf } from '../../services/loan/find-loans.ts';
import { balancesRow, ledgerBalances } from '../../services/loan/ledger-balances.ts';
import { instalmentRow, loanSchedule } from '../../services/loan/loan-schedule.ts';
import { loanBody, loanRow } from '../../services/loan/resource.ts';
import { updateLoan } from '../../services/loan/update-loan.ts';
import { ownOrNotFound } from '../accounts/own.ts';
import { askDatabase, writeDatabase } from '../ask-database.ts';
import type { ApiContext } from '../context.ts';
import { orNotFound } from '../http/problem.ts';
import { pathId, readJsonBody } from '../http/read-request.ts';
import { jsonRoutes } from '../json-routes.ts';
import { ownRow, ownRows } from './own-rows.ts';
import { createOnce, removeOrNotFound } from './rows.ts';

const ofCustomer = ({ customer_id }: { customer_id: string }) => `/customers/${customer_id}/loans`;

export function loanRoutes(context: ApiContext, database: Database) {
  const { routes, get, post, put, remove } = jsonRoutes(context, 'loans');
  const path = '/loans/{id}';

  post(
    '/loans',
    {
      access: 'write',
      operation: 'createLoan',
      summary: 'Create a loan with its opening entry',
      body: loanBody,
      response: loanRow,
    },
    (c, caller) => createOnce(c, caller, database, createLoan, '/loans', { listed: ofCustomer }),
  );

  get(path, { access: 'read', operation: 'getLoan', summary: 'A loan', response: loanRow }, (c, caller) =>
    ownRow(c, context, caller, 'loan', (id) => findLoan(database, id)),
  );

  put(
    path,
    {
      access: 'write',
      operation: 'updateLoan',
      summary: 'Change a loan that no saga holds; another balance posts an adjustment',
      body: loanBody,
      response: loanRow,
    },
    async (c, caller) => {
      const id = pathId(c);
      const body = await readJsonBody(c, loanBody);
      // A request that finds no loan would leave its guard row.
      orNotFound(await askDatabase(() => findLoan(database, id)), 'loan', id);
      const row = await writeDatabase(() =>
        runRequest(database, updateLoan, requestId(caller.id, undefined), { ...body, id }),
      );
      return c.json(orNotFound(row, 'loan', id));
    },
  );

  remove(
    path,
    {
      access: 'write',
      operation: 'deleteLoan',
      summary: 'Delete a loan that no saga holds and that has no later entries',
    },
    async (c) => {
      const id = pathId(c);
      return removeOrNotFound(c, 'loan', id, () => deleteLoan(database, id));
    },
  );

  get(
    '/customers/{customerId}/loans',
    {
      access: 'read',
      operation: 'listLoansOfCustomer',
      summary: 'The loans of a customer, newest first',
      response: z.array(loanRow),
    },
    (c, caller) => ownRows(c, context, caller, (id) => loansOf(database, id)),
  );

  get(
    '/mortgages/{mortgageId}/loan',
    { access: 'read', operation: 'getLoanOfMortgage', summary: 'The loan of a mortgage', response: loanRow },
    (c, caller) =>
      ownRow(c, context, caller, 'loan of mortgage', (id) => findLoanOfMortgage(database, id), 'mortgageId'),
  );

  get(
    '/loans/{id}/schedule',
    {
      access: 'read',
      operation: 'getSchedule',
      summary: 'All instalments of the loan as it was granted',
      response: z.array(instalmentRow),
    },
    async (c, caller) => {
      const id = pathId(c);
      await ownOrNotFound(context, caller, await askDatabase(() => findLoan(database, id)), 'loan', id);
      return c.json(orNotFound(await askDatabase(() => loanSchedule(database, id)), 'loan', id));
    },
  );

  get(
    '/ledger/balances',
    {
      access: 'read everything',
      operation: 'getTrialBalance',
      summary: 'Every account of the ledger, and whether it balances',
      response: balancesRow,
    },
    async (c) => c.json(await askDatabase(() => ledgerBalances(database))),
  );
  return routes;
}
