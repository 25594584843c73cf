import { formatCents } from '../../money/money.ts';
import { refuse } from '../../saga/errors.ts';

/** A saga's errors carry a message only, so each refusal is recognised by its text. */
const closed = /^the loan is (booked|paid_off|cancelled): it takes no payments$/;
const owed = /the payoff amount is (\d+\.\d\d)$/;
const split = /^the principal is (above|below) the balance of /;
const missing = /^there is no loan /;

export const refuseMissing = (loanId: string): never => refuse(`there is no loan ${loanId}`);

export const refuseClosed = (status: string): never => refuse(`the loan is ${status}: it takes no payments`);

/** `payoff`: cents. */
export const refuseAmount = (why: string, payoff: bigint): never =>
  refuse(`${why}: the payoff amount is ${formatCents(payoff)}`);

/** The amount is possible, but not with this split. In cents. */
export const refusePrincipal = (side: 'above' | 'below', balance: bigint, payoff: bigint): never =>
  refuseAmount(`the principal is ${side} the balance of ${formatCents(balance)}`, payoff);

interface PaymentRefusal {
  missing: boolean;
  /** The status of a loan that takes no payments. */
  closed: string | undefined;
  /** The amount that pays the loan off, as a decimal. */
  payoff: string | undefined;
  /** The field to change where `payoff` is given. */
  field: 'payment_amount' | 'principal_amount';
}

export const readRefusal = (message: string): PaymentRefusal => ({
  missing: missing.test(message),
  closed: closed.exec(message)?.[1],
  payoff: owed.exec(message)?.[1],
  field: split.test(message) ? 'principal_amount' : 'payment_amount',
});
