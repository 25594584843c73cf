import { claimCustomer } from '../services/customer/claim-customer.ts';
import { registerCustomer } from '../services/customer/register-customer.ts';
import * as contracts from '../services/customer/steps.ts';
import { visitCustomer } from '../services/customer/visit-customer.ts';
import { type StepEnvironment, stepActivities } from './step-activities.ts';

export const customerActivities = (environment: StepEnvironment) =>
  stepActivities(contracts, { registerCustomer, claimCustomer, visitCustomer }, environment);
