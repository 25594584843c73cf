import type { z } from 'zod';
import { defineSaga } from '../saga/define-saga.ts';
import type { Saga } from '../saga/saga.ts';
import * as customers from '../services/customer/steps.ts';
import * as loans from '../services/loan/steps.ts';
import * as mortgages from '../services/mortgage/steps.ts';
import { type OriginationResult, originationInput } from './inputs.ts';

type Input = z.input<typeof originationInput>;

/** From an application to a disbursed loan, or to a rejection. */
export const mortgageOrigination = defineSaga({
  type: 'mortgage-origination',
  input: originationInput,
  steps: [
    customers.registerCustomer,
    customers.claimCustomer,
    mortgages.submitApplication,
    mortgages.assessApplication,
    mortgages.rejectApplication,
    mortgages.approveApplication,
    loans.bookLoan,
    loans.disburseFunds,
    loans.activateLoan,
    mortgages.releaseApplication,
  ],

  async run(saga, input): Promise<OriginationResult> {
    const { loan_amount, property_value, interest_rate, term_years, annual_income } = input;
    const { customer_id } = await customerOf(saga, input);

    const terms = { loan_amount, property_value, interest_rate, term_years };
    const application = await saga.step(mortgages.submitApplication, { customer_id, ...terms });
    const { application_id } = application;

    const { approved, reasons } = await judge(saga, application_id, annual_income, input.decision_timeout);
    if (!approved) {
      await saga.step(mortgages.rejectApplication, { application_id });
      return {
        outcome: 'declined',
        reasons,
        customer_id,
        application_id,
        loan_id: null,
        monthly_payment: null,
      };
    }

    await saga.step(mortgages.approveApplication, { application_id });
    const { loan_id, monthly_payment } = await saga.step(loans.bookLoan, {
      customer_id,
      mortgage_id: application_id,
      loan_amount: application.loan_amount,
      interest_rate: application.interest_rate,
      term_years: application.term_years,
    });
    await saga.step(loans.disburseFunds, { loan_id });
    await saga.step(loans.activateLoan, { loan_id });
    await saga.step(mortgages.releaseApplication, { application_id });
    return { outcome: 'granted', reasons, customer_id, application_id, loan_id, monthly_payment };
  },
});

function customerOf(saga: Saga, { customer, customer_id }: Input): Promise<{ customer_id: string }> {
  if (customer_id !== undefined) return saga.step(customers.claimCustomer, { customer_id });
  if (customer !== undefined) return saga.step(customers.registerCustomer, customer);
  throw new Error('the schema asks for one of them');
}

/** By the lending rules or, if they refer the application, by an underwriter. */
async function judge(
  saga: Saga,
  application_id: string,
  annual_income: Input['annual_income'],
  decisionTimeout = 'P14D',
): Promise<{ approved: boolean; reasons: string[] }> {
  const { verdict, reasons } = await saga.step(mortgages.assessApplication, {
    application_id,
    annual_income,
  });
  if (verdict !== 'refer') return { approved: verdict === 'approve', reasons };
  const { approved, by, reason } = await saga.decision(decisionTimeout);
  return { approved, reasons: [...reasons, `${by}: ${reason}`] };
}
