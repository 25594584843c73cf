import { randomUUID } from 'node:crypto';

/** An application of a new customer that the lending rules approve. */
export const application = () => ({
  customer: { name: 'Ada Lovelace', email: `${randomUUID()}@example.com` },
  loan_amount: 300_000,
  property_value: 600_000,
  interest_rate: 4,
  term_years: 25,
  annual_income: 90_000,
});
