import { monthlyInterest } from '../../money/amortisation.ts';
import { refuseAmount } from './payment-refusals.ts';

/** Amounts in cents, the rate in thousandths of a percent a year. */
export interface Owing {
  balance: bigint;
  rate: number;
}

export interface Split {
  principal: bigint;
  interest: bigint;
}

interface Paid {
  amount: bigint;
  type: 'regular' | 'extra' | 'payoff';
  /** As the payer wants it; it adds up. */
  given: { [Part in keyof Split]: Split[Part] | undefined };
}

/** What pays the loan off: the balance and a month's interest on it. */
export const payoffOf = ({ balance, rate }: Owing): bigint => balance + monthlyInterest(balance, rate);

/** A month's interest on the balance first, the rest is principal. Refuses more than is owed. */
export function allocate(owing: Owing, { amount, type, given }: Paid): Split {
  const { balance, rate } = owing;
  const payoff = payoffOf(owing);
  const due = monthlyInterest(balance, rate);
  const first = due < amount ? due : amount;
  const interest = given.interest ?? (given.principal === undefined ? first : amount - given.principal);
  const principal = amount - interest;
  if (amount > payoff || principal > balance || balance === 0n)
    return refuseAmount('more than is owed', payoff);
  if (type === 'payoff' && principal < balance) return refuseAmount('this does not pay the loan off', payoff);
  return { principal, interest };
}
