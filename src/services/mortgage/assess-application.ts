import { eq } from 'drizzle-orm';
import { implement } from '../../guard/implement.ts';
import { refuse } from '../../saga/errors.ts';
import { assess } from './assessment.ts';
import { application } from './schema.ts';
import * as steps from './steps.ts';

export const assessApplication = implement(steps.assessApplication, {
  async do(tx, { application_id, annual_income }) {
    const [found] = await tx.select().from(application).where(eq(application.id, application_id));
    if (!found) refuse(`there is no application ${application_id}`);
    const { verdict, reasons, monthlyPayment } = assess({ ...found, annualIncome: annual_income });
    return { verdict, reasons, monthly_payment: monthlyPayment };
  },
  undo: null,
});
