import { createDelivery } from '../services/delivery/create-delivery.ts';
import * as contracts from '../services/delivery/steps.ts';
import { type StepEnvironment, stepActivities } from './step-activities.ts';

export const deliveryActivities = (environment: StepEnvironment) =>
  stepActivities(contracts, { createDelivery }, environment);
