import { sql } from 'drizzle-orm';
import { implement } from '../../guard/implement.ts';
import { refuse } from '../../saga/errors.ts';
import { releaseBooked } from './release-booked.ts';
import { loan } from './schema.ts';
import * as steps from './steps.ts';

export const activateLoan = implement(steps.activateLoan, {
  async do(tx, { loan_id }, { sagaId }) {
    const maturityDate = sql`now() + make_interval(years => ${loan.termYears})`;
    const change = { status: 'active', startDate: sql`now()`, maturityDate } as const;
    if (!(await releaseBooked(tx, loan_id, sagaId, change))) refuse('the loan is not booked');
    return {};
  },
  undo: null,
});
