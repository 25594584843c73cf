import { reserveInventory } from '../services/product/reserve-inventory.ts';
import * as contracts from '../services/product/steps.ts';
import { type StepEnvironment, stepActivities } from './step-activities.ts';

export const productActivities = (environment: StepEnvironment) =>
  stepActivities(contracts, { reserveInventory }, environment);
