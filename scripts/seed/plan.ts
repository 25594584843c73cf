import type { Faker } from '@faker-js/faker';
import { faker } from '@faker-js/faker/locale/en';
import type { ApplicationStatus } from '../../src/services/mortgage/resource.ts';
import { type LoanPlan, planLoan } from './loan-plan.ts';
import { domains, howManyMortgages, outcomes, termYears } from './shares.ts';

export interface Which {
  seed: number;
  /** From 1. */
  index: number;
}

/** A customer with everything that belongs to it. */
export interface CustomerPlan {
  name: string;
  email: string;
  mortgages: MortgagePlan[];
}

export interface MortgagePlan {
  terms: Terms;
  /** The final status of the application. */
  outcome: ApplicationStatus;
  loan: LoanPlan | undefined;
}

/** As the services accept them: whole units, percent per year. */
interface Terms {
  loan_amount: number;
  property_value: number;
  interest_rate: number;
  term_years: number;
}

/** Deterministic, and independent of the number of customers. */
export function planCustomer({ seed, index }: Which, today: Date): CustomerPlan {
  faker.seed([seed, index]);
  const [first, last] = [faker.person.firstName(), faker.person.lastName()];
  const mailbox = `${first}.${last}`.toLowerCase().replace(/[^a-z.-]/g, '');
  const domain = faker.helpers.arrayElement(domains);
  const length = faker.helpers.weightedArrayElement(howManyMortgages);
  return {
    name: `${first} ${last}`,
    email: `${mailbox}.${seed}-${index}@${domain}`,
    mortgages: Array.from({ length }, () => planMortgage(faker, today)),
  };
}

function planMortgage(random: Faker, today: Date): MortgagePlan {
  const { application: outcome, loan } = random.helpers.weightedArrayElement(outcomes);
  const terms = planTerms(random, outcome);
  return { terms, outcome, loan: loan && planLoan(random, loan, terms, today) };
}

/** Two loans of one customer stay within the default lending limit. */
function planTerms(random: Faker, outcome: ApplicationStatus): Terms {
  const property_value = 1_000 * Math.round(90 + 810 * random.number.float() ** 2);
  const percent = random.number.int(outcome === 'rejected' ? { min: 96, max: 110 } : { min: 35, max: 92 });
  return {
    loan_amount: 500 * Math.round((property_value * percent) / 100 / 500),
    property_value,
    interest_rate: random.number.int({ min: 20, max: 60 }) / 8,
    term_years: random.helpers.weightedArrayElement(termYears),
  };
}
