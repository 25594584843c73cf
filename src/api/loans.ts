import { z } from 'zod';
import type { Database } from '../guard/database.ts';
import { runRequest } from '../guard/request.ts';
import { createLoan } from '../services/loan/create-loan.ts';
import { deleteLoan } from '../services/loan/delete-loan.ts';
import { findLoan, findLoanOfMortgage, loansOf } from '../services/loan/find-loans.ts';
import { balancesRow, ledgerBalances } from '../services/loan/ledger-balances.ts';
import { instalmentRow, loanSchedule } from '../services/loan/loan-schedule.ts';
import { loanBody, loanRow } from '../services/loan/resource.ts';
import { updateLoan } from '../services/loan/update-loan.ts';
import { foundOwn, requireOwn } from './own.ts';
import { requestId } from './request-id.ts';
import { answerDeleted, createOnce, found, mount, pathId, readResource, write } from './resources.ts';
import { router } from './router.ts';
import { askDatabase, type Services } from './services.ts';

export function loanRoutes(services: Services, database: Database) {
  const routes = router();
  const path = '/loans/{id}';

  mount(
    routes,
    services,
    {
      method: 'post',
      path: '/loans',
      asks: 'write',
      summary: 'Create a loan with its opening entry',
      body: loanBody,
      answer: loanRow,
    },
    (c, caller) => createOnce(c, caller, database, createLoan, '/loans'),
  );

  mount(
    routes,
    services,
    { method: 'get', path, asks: 'read', summary: 'A loan', answer: loanRow },
    async (c, caller) => {
      const id = pathId(c);
      return c.json(
        await foundOwn(services, caller, await askDatabase(() => findLoan(database, id)), 'loan', id),
      );
    },
  );

  mount(
    routes,
    services,
    {
      method: 'put',
      path,
      asks: 'write',
      summary: 'Change a loan that no saga holds; another balance posts an adjustment',
      body: loanBody,
      answer: loanRow,
    },
    async (c, caller) => {
      const id = pathId(c);
      const body = await readResource(c, loanBody);
      found(await askDatabase(() => findLoan(database, id)), 'loan', id);
      const row = await write(() =>
        runRequest(database, updateLoan, requestId(caller.id, undefined), { ...body, id }),
      );
      return c.json(found(row, 'loan', id));
    },
  );

  mount(
    routes,
    services,
    {
      method: 'delete',
      path,
      asks: 'write',
      summary: 'Delete a loan that no saga holds and that has no later entries',
    },
    async (c) => {
      const id = pathId(c);
      return answerDeleted(c, 'loan', id, () => deleteLoan(database, id));
    },
  );

  mount(
    routes,
    services,
    {
      method: 'get',
      path: '/customers/{customerId}/loans',
      asks: 'read',
      summary: 'The loans of a customer, newest first',
      answer: z.array(loanRow),
    },
    async (c, caller) => {
      const id = pathId(c, 'customerId');
      await requireOwn(services, caller, { customerId: id, what: 'customer', id });
      return c.json(await askDatabase(() => loansOf(database, id)));
    },
  );

  mount(
    routes,
    services,
    {
      method: 'get',
      path: '/mortgages/{mortgageId}/loan',
      asks: 'read',
      summary: 'The loan of a mortgage',
      answer: loanRow,
    },
    async (c, caller) => {
      const id = pathId(c, 'mortgageId');
      const row = await askDatabase(() => findLoanOfMortgage(database, id));
      return c.json(await foundOwn(services, caller, row, 'loan of mortgage', id));
    },
  );

  mount(
    routes,
    services,
    {
      method: 'get',
      path: '/loans/{id}/schedule',
      asks: 'read',
      summary: 'All instalments of the loan as it was granted',
      answer: z.array(instalmentRow),
    },
    async (c, caller) => {
      const id = pathId(c);
      await foundOwn(services, caller, await askDatabase(() => findLoan(database, id)), 'loan', id);
      return c.json(found(await askDatabase(() => loanSchedule(database, id)), 'loan', id));
    },
  );

  mount(
    routes,
    services,
    {
      method: 'get',
      path: '/ledger/balances',
      asks: 'read of everybody',
      summary: 'Every account of the ledger, and whether it balances',
      answer: balancesRow,
    },
    async (c) => c.json(await askDatabase(() => ledgerBalances(database))),
  );
  return routes;
}
