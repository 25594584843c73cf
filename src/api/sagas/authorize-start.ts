import { z } from 'zod';
import { findLoan } from '../../services/loan/find-loans.ts';
import type { SagaTypeName } from '../../workflows/inputs.ts';
import { type Access, authorize } from '../accounts/access.ts';
import { accountOf, type Caller } from '../accounts/identity.ts';
import { customerWith, linkedCustomer, ownOrNotFound, requireOwnCustomer } from '../accounts/own.ts';
import { askDatabase } from '../ask-database.ts';
import type { ApiContext } from '../context.ts';
import { Problem, wrongField } from '../http/problem.ts';

/** The access that starting such a saga takes. */
export const accessTo = (type: SagaTypeName): Access => (type === 'rehearsal' ? 'rehearse' : 'start');

/** The fields of inputs that name customers. */
export const personalFields = z.looseObject({
  customer: z.object({ email: z.string() }).optional(),
  customer_id: z.string().toLowerCase().optional(),
  loan_id: z.string().toLowerCase().optional(),
  principal_amount: z.unknown().optional(),
  interest_amount: z.unknown().optional(),
});

/**
 * The input, with the account that buys, if the caller may start this saga. Customers start sagas only for themselves.
 * Throws the 403, or the 404 for what belongs to another customer.
 */
export async function authorizedInput(
  context: ApiContext,
  caller: Caller,
  { type, input }: { type: SagaTypeName; input: unknown },
): Promise<unknown> {
  authorize(caller, accessTo(type));
  if (caller.role === 'customer') await requireOwnInput(context, caller, personalFields.parse(input));
  if (type !== 'purchase' || !caller.account) return input;
  return { ...z.looseObject({}).parse(input), account_id: caller.id };
}

async function requireOwnInput(
  context: ApiContext,
  caller: Caller,
  { customer, customer_id, loan_id, principal_amount, interest_amount }: z.output<typeof personalFields>,
): Promise<void> {
  if (principal_amount !== undefined || interest_amount !== undefined) throw splitNotAllowed();
  if (customer && customer.email.toLowerCase() !== accountOf(caller).email.toLowerCase())
    throw wrongField('customer.email', 'must be the e-mail address of your account', 403);
  if (customer) await requireUnclaimedEmail(context, caller, customer.email);
  if (customer_id !== undefined) await requireOwnCustomer(context, caller, customer_id);
  const { accounts } = context;
  if (loan_id !== undefined && accounts) {
    const loan = await askDatabase(() => findLoan(accounts.loans, loan_id));
    await ownOrNotFound(context, caller, loan, 'loan', loan_id);
  }
}

/** With a split of their own, customers could pay no interest. */
function splitNotAllowed(): Problem {
  const detail = 'is not up to customers: leave it out, and interest is paid first';
  const errors = ['/principal_amount', '/interest_amount'].map((pointer) => ({ pointer, detail }));
  return new Problem(403, `how a payment is split ${detail}`, { errors });
}

/**
 * The address may belong to another customer, whose account has another one by now, or none. And the caller may be a
 * customer with another address: a second one would have a lending limit of its own, and loans that the caller cannot see.
 */
async function requireUnclaimedEmail(context: ApiContext, caller: Caller, email: string): Promise<void> {
  // In this order, and once more: the caller's own saga may register the customer meanwhile.
  const before = await customerWith(context, email);
  const linked = await linkedCustomer(context, caller);
  const known = before ?? (linked === null ? undefined : await customerWith(context, email));
  if (known === (linked ?? undefined)) return;
  const detail =
    known === undefined
      ? `is not the address that you have as a customer: send "customer_id": "${linked}" instead of customer`
      : 'belongs to a customer that your account is not linked to';
  throw wrongField('customer.email', detail, 403);
}
