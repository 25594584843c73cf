import type { LoanStatus } from '../../src/services/loan/resource.ts';
import type { ApplicationStatus } from '../../src/services/mortgage/resource.ts';

interface Share<T> {
  /** Percent. */
  weight: number;
  value: T;
}

/** Reserved by RFC 2606, so that no mail is ever delivered. */
export const domains = ['example.com', 'example.org'];

export const howManyMortgages: Share<number>[] = [
  { weight: 18, value: 0 },
  { weight: 64, value: 1 },
  { weight: 18, value: 2 },
];

/** For a loan in repayment. */
export const howManyPayments: Share<number>[] = [
  { weight: 60, value: 1 },
  { weight: 28, value: 2 },
  { weight: 12, value: 3 },
];

export const termYears: Share<number>[] = [
  { weight: 6, value: 10 },
  { weight: 14, value: 15 },
  { weight: 18, value: 20 },
  { weight: 24, value: 25 },
  { weight: 28, value: 30 },
  { weight: 6, value: 35 },
  { weight: 4, value: 40 },
];

/** The final status of an application, and of its loan. */
export const outcomes: Share<{ application: ApplicationStatus; loan?: LoanStatus }>[] = [
  { weight: 8, value: { application: 'pending' } },
  { weight: 9, value: { application: 'rejected' } },
  { weight: 5, value: { application: 'withdrawn' } },
  { weight: 4, value: { application: 'approved' } },
  { weight: 5, value: { application: 'approved', loan: 'booked' } },
  { weight: 46, value: { application: 'approved', loan: 'active' } },
  { weight: 5, value: { application: 'approved', loan: 'defaulted' } },
  { weight: 14, value: { application: 'closed', loan: 'paid_off' } },
  { weight: 4, value: { application: 'withdrawn', loan: 'cancelled' } },
];
