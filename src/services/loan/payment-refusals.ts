import { formatCents } from '../../money/money.ts';
import { refuse } from '../../saga/errors.ts';

/** In words, because a saga's errors carry nothing else; each is read again by its words. */
const closed = /^the loan is (booked|paid_off|cancelled): it takes no payments$/;
const owed = /the payoff amount is (\d+\.\d\d)$/;
const missing = /^there is no loan /;

export const refuseMissing = (loanId: string): never => refuse(`there is no loan ${loanId}`);

export const refuseClosed = (status: string): never => refuse(`the loan is ${status}: it takes no payments`);

/** `payoff`: cents. */
export const refuseAmount = (why: string, payoff: bigint): never =>
  refuse(`${why}: the payoff amount is ${formatCents(payoff)}`);

export interface PaymentRefusal {
  missing: boolean;
  /** The status of a loan that takes no payments. */
  closed: string | undefined;
  /** What would pay the loan off, as a decimal. */
  payoff: string | undefined;
}

export const readRefusal = (message: string): PaymentRefusal => ({
  missing: missing.test(message),
  closed: closed.exec(message)?.[1],
  payoff: owed.exec(message)?.[1],
});
