import { createPayment } from '../services/payment/create-payment.ts';
import * as contracts from '../services/payment/steps.ts';
import { type StepEnvironment, stepActivities } from './step-activities.ts';

export const paymentActivities = (environment: StepEnvironment) =>
  stepActivities(contracts, { createPayment }, environment);
