import { z } from 'zod';
import type { Database } from '../guard/database.ts';
import { findLoan } from '../services/loan/find-loans.ts';
import type { SagaTypeName } from '../workflows/contracts.ts';
import { type Access, permit } from './access.ts';
import { accountOf, type Caller } from './identity.ts';
import { customerWith, foundOwn, linkedCustomer, requireOwn } from './own.ts';
import { Problem } from './problem.ts';
import { askDatabase, type Services } from './services.ts';

/** What whoever starts such a saga must be allowed to do. */
export const accessTo = (type: SagaTypeName): Access => (type === 'rehearsal' ? 'rehearse' : 'start');

/** Whom the inputs of sagas name. */
const named = z.looseObject({
  customer: z.object({ email: z.string() }).optional(),
  customer_id: z.string().toLowerCase().optional(),
  loan_id: z.string().toLowerCase().optional(),
  principal_amount: z.unknown().optional(),
  interest_amount: z.unknown().optional(),
});

/**
 * The input, with the account that buys, if the caller may start this saga with it: a customer for himself alone. Throws
 * the 403, or the 404 for what is another customer's.
 */
export async function permittedInput(
  services: Services,
  loans: Database,
  caller: Caller,
  { type, input }: { type: SagaTypeName; input: unknown },
): Promise<unknown> {
  permit(caller, accessTo(type));
  if (caller.role === 'customer') await requireOwnInput(services, loans, caller, named.parse(input));
  if (type !== 'purchase' || !caller.account) return input;
  return { ...z.looseObject({}).parse(input), account_id: caller.account.account };
}

async function requireOwnInput(
  services: Services,
  loans: Database,
  caller: Caller,
  { customer, customer_id, loan_id, principal_amount, interest_amount }: z.output<typeof named>,
): Promise<void> {
  if (principal_amount !== undefined || interest_amount !== undefined) throw noSplit();
  if (customer && customer.email.toLowerCase() !== accountOf(caller).email.toLowerCase())
    throw new Problem(403, 'customer.email must be the e-mail address of your account', {
      errors: [{ pointer: '/customer/email', detail: 'must be the e-mail address of your account' }],
    });
  if (customer) await requireNobodyElses(services, caller, customer.email);
  if (customer_id !== undefined)
    await requireOwn(services, caller, { customerId: customer_id, what: 'customer', id: customer_id });
  if (loan_id !== undefined) {
    const loan = await askDatabase(() => findLoan(loans, loan_id));
    await foundOwn(services, caller, loan, 'loan', loan_id);
  }
}

/** Whoever could would pay no interest. */
function noSplit(): Problem {
  const detail = 'is not for customers to say: leave it out, and interest is paid first';
  const errors = ['/principal_amount', '/interest_amount'].map((pointer) => ({ pointer, detail }));
  return new Problem(403, `how a payment is split ${detail}`, { errors });
}

/** A customer whose account has another address by now, or who has none, is not whoever takes the address. */
async function requireNobodyElses(services: Services, caller: Caller, email: string): Promise<void> {
  // In this order: the customer may be one that the caller's own saga registers meanwhile.
  const known = await customerWith(services, email);
  if (known === undefined || known === (await linkedCustomer(services, caller))) return;
  const detail = 'belongs to a customer that your account is not linked to';
  const errors = [{ pointer: '/customer/email', detail }];
  throw new Problem(403, `customer.email ${detail}`, { errors });
}
