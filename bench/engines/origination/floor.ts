import type { z } from 'zod';
import { loadConfig } from '../../../src/config.ts';
import { openDatabase } from '../../../src/guard/database.ts';
import { doStep } from '../../../src/guard/guard.ts';
import type { Step } from '../../../src/guard/implement.ts';
import { requestHash } from '../../../src/guard/request-hash.ts';
import { InlineSaga, type Perform } from '../../../src/saga/inline/in-worker.ts';
import { firstCall } from '../../../src/saga/inline/inline-run.ts';
import { registerCustomer } from '../../../src/services/customer/register-customer.ts';
import { activateLoan } from '../../../src/services/loan/activate-loan.ts';
import { bookLoan } from '../../../src/services/loan/book-loan.ts';
import { disburseFunds } from '../../../src/services/loan/disburse-funds.ts';
import { approveApplication } from '../../../src/services/mortgage/approve-application.ts';
import { assessApplication } from '../../../src/services/mortgage/assess-application.ts';
import { releaseApplication } from '../../../src/services/mortgage/release-application.ts';
import { submitApplication } from '../../../src/services/mortgage/submit-application.ts';
import { claimSaga, markStarted } from '../../../src/services/registry/claim-saga.ts';
import { mortgageOrigination } from '../../../src/workflows/mortgage-origination.ts';
import { connections } from '../../effects.ts';
import type { OpenEngine } from '../../engine.ts';
import { application } from './application.ts';

/** The saga's code and SQL in this process, without an engine. */
export const open: OpenEngine = async ({ databaseUrl }) => {
  const { databases, lendingLimit } = loadConfig({ DATABASE_URL: databaseUrl });
  const connect = (url: string) => openDatabase(url, { name: 'unwind-bench', max: connections });
  const registry = connect(databases.unwind);
  const databaseOf = new Map(
    (['customer', 'mortgage', 'loan'] as const).map((name) => [name as string, connect(databases[name])]),
  );
  const steps: Step[] = [
    registerCustomer,
    submitApplication,
    assessApplication,
    approveApplication,
    bookLoan(lendingLimit),
    disburseFunds,
    activateLoan,
    releaseApplication,
  ];
  const { definition } = mortgageOrigination;

  return {
    async run() {
      const input = application();
      const caller = 'bench';
      const request = {
        type: definition.type,
        mode: 'orchestrated',
        caller,
        key: null,
        bodyHash: requestHash(input),
      } as const;
      const saga_id = (await claimSaga(registry, request))?.id;
      if (!saga_id) throw new Error('the registry refused the saga');
      await markStarted(registry, saga_id, caller);
      const perform: Perform = async ({ name, service }, _, call) => {
        const database = databaseOf.get(service);
        const implementation = steps.find(({ contract }) => contract.name === name);
        if (!database || !implementation) throw new Error(`${name} is no step of an approved origination`);
        return { result: await doStep(database, implementation, call) };
      };
      const services = new Set(databaseOf.keys());
      const start = { type: definition.type, sagaId: saga_id, input, placement: [...services] };
      const saga = new InlineSaga(firstCall(start), { services, perform }, definition.steps);
      const { outcome } = await definition.run(saga, input as z.input<typeof definition.input>);
      if (outcome !== 'granted') throw new Error(`the floor ended ${outcome}`);
    },
    close: () => Promise.all([registry, ...databaseOf.values()].map((database) => database.end())),
  };
};
