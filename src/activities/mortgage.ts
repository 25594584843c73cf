import { approveApplication } from '../services/mortgage/approve-application.ts';
import { assessApplication } from '../services/mortgage/assess-application.ts';
import { closeMortgage } from '../services/mortgage/close-mortgage.ts';
import { rejectApplication } from '../services/mortgage/reject-application.ts';
import { releaseApplication } from '../services/mortgage/release-application.ts';
import * as contracts from '../services/mortgage/steps.ts';
import { submitApplication } from '../services/mortgage/submit-application.ts';
import { visitMortgage } from '../services/mortgage/visit-mortgage.ts';
import { type StepEnvironment, stepActivities } from './step-activities.ts';

export const mortgageActivities = (environment: StepEnvironment) =>
  stepActivities(
    contracts,
    {
      submitApplication,
      assessApplication,
      rejectApplication,
      approveApplication,
      releaseApplication,
      closeMortgage,
      visitMortgage,
    },
    environment,
  );
