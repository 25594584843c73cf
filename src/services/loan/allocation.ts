import { monthlyInterest } from '../../money/amortisation.ts';
import { refuseAmount, refusePrincipal } from './payment-refusals.ts';

/** Amounts in cents, the rate in thousandths of a percent a year. */
interface Owing {
  balance: bigint;
  rate: number;
}

interface Split {
  principal: bigint;
  interest: bigint;
}

interface Paid {
  amount: bigint;
  type: 'regular' | 'extra' | 'payoff';
  /** The payer's own split; its parts add up to the amount. */
  given: { [Part in keyof Split]: Split[Part] | undefined };
}

/** The balance and a month's interest on it. */
export const payoffOf = ({ balance, rate }: Owing): bigint => balance + monthlyInterest(balance, rate);

/** By default, a month's interest on the balance first; the rest is principal. Refuses more than is owed. */
export function allocate(owing: Owing, { amount, type, given }: Paid): Split {
  const { balance, rate } = owing;
  const payoff = payoffOf(owing);
  const due = monthlyInterest(balance, rate);
  const first = due < amount ? due : amount;
  const interest = given.interest ?? (given.principal === undefined ? first : amount - given.principal);
  const principal = amount - interest;
  if (amount > payoff) return refuseAmount('more than is owed', payoff);
  if (principal > balance) return refusePrincipal('above', balance, payoff);
  if (type === 'payoff' && principal < balance) {
    const isGiven = given.principal !== undefined || given.interest !== undefined;
    if (isGiven && amount >= balance) return refusePrincipal('below', balance, payoff);
    return refuseAmount('this does not pay the loan off', payoff);
  }
  return { principal, interest };
}
