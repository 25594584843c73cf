import { z } from 'zod';
import { asNumber } from '../../money/decimal.ts';
import { positiveMoney } from '../../money/money.ts';
import { ratePercent } from '../../money/rate.ts';
import { termYears } from '../../money/term.ts';
import { timestamp } from '../../money/timestamp.ts';
import { application } from './schema.ts';

const guid = z.guid('must be a UUID');
const status = z.enum(application.status.enumValues);
export type ApplicationStatus = z.output<typeof status>;

const terms = {
  customer_id: guid,
  loan_amount: positiveMoney,
  property_value: positiveMoney,
  interest_rate: ratePercent,
  term_years: termYears,
};

export const applicationBody = z.object({ ...terms, status: status.nullish() }).meta({
  id: 'ApplicationBody',
  example: {
    customer_id: '0190163d-8694-739b-aea5-966c26f8ad91',
    loan_amount: 500_000,
    property_value: 750_000,
    interest_rate: 3.25,
    term_years: 30,
  },
});

export const applicationRow = z
  .object({
    id: guid,
    ...terms,
    loan_amount: asNumber(positiveMoney),
    property_value: asNumber(positiveMoney),
    interest_rate: asNumber(ratePercent),
    status,
    created_at: timestamp,
    modified_at: timestamp,
  })
  .meta({ id: 'Application' });

export const applicationColumns = {
  id: application.id,
  customer_id: application.customerId,
  loan_amount: application.loanAmount,
  property_value: application.propertyValue,
  interest_rate: application.interestRate,
  term_years: application.termYears,
  status: application.status,
  created_at: application.createdAt,
  modified_at: application.modifiedAt,
};

export const valuesOf = (body: z.output<typeof applicationBody>) => ({
  customerId: body.customer_id,
  loanAmount: body.loan_amount,
  propertyValue: body.property_value,
  interestRate: body.interest_rate,
  termYears: body.term_years,
  ...(body.status && { status: body.status }),
});
