import { z } from 'zod';
import { money, positiveMoney } from '../../money/money.ts';
import { ratePercent } from '../../money/rate.ts';
import { termYears } from '../../money/term.ts';
import { defineStep, noResult } from '../../saga/step.ts';
import { defineVisit } from '../visit.ts';

/** Decimals on the wire: amounts, and the yearly rate in percent. */
const terms = z.object({
  loan_amount: positiveMoney,
  property_value: positiveMoney,
  interest_rate: ratePercent,
  term_years: termYears,
});

const applicationId = z.object({ application_id: z.guid() });
/** From a loan; the application may not exist. */
const mortgageId = z.object({ mortgage_id: z.guid() });

export const submitApplication = defineStep({
  name: 'submit-application',
  service: 'mortgage',
  summary: 'Submit the mortgage application',
  input: terms.extend({ customer_id: z.guid() }),
  result: terms.extend({ application_id: z.guid(), customer_id: z.guid() }),
  compensation: 'withdraw the application',
  correctable: ['loan_amount', 'property_value', 'interest_rate', 'term_years'],
});

export const assessApplication = defineStep({
  name: 'assess-application',
  service: 'mortgage',
  summary: 'Assess the application against the lending rules',
  input: applicationId.extend({ annual_income: money.optional() }),
  result: z.object({
    verdict: z.enum(['approve', 'refer', 'decline']),
    reasons: z.array(z.string()),
    monthly_payment: money,
  }),
  compensation: null,
});

export const rejectApplication = defineStep({
  name: 'reject-application',
  service: 'mortgage',
  summary: 'Reject the application: the end of a declined one',
  input: applicationId,
  result: noResult,
  compensation: null,
  pivot: true,
});

export const approveApplication = defineStep({
  name: 'approve-application',
  service: 'mortgage',
  summary: 'Approve the application',
  input: applicationId,
  result: applicationId,
  compensation: 'revoke the approval',
});

export const releaseApplication = defineStep({
  name: 'release-application',
  service: 'mortgage',
  summary: 'Release the approved application from the saga',
  input: applicationId,
  result: noResult,
  compensation: null,
});

export const closeMortgage = defineStep({
  name: 'close-mortgage',
  service: 'mortgage',
  summary: 'Close the mortgage of a loan that is paid off, where there is an approved one',
  input: mortgageId,
  result: mortgageId.extend({ closed: z.boolean() }),
  compensation: 'reopen the mortgage',
});

export const visitMortgage = defineVisit('mortgage');
