import { completeOrder } from '../services/order/complete-order.ts';
import { createOrder } from '../services/order/create-order.ts';
import * as contracts from '../services/order/steps.ts';
import { type StepEnvironment, stepActivities } from './step-activities.ts';

export const orderActivities = (environment: StepEnvironment) =>
  stepActivities(contracts, { createOrder, completeOrder }, environment);
