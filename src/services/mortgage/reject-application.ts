import { implement } from '../../guard/implement.ts';
import { refuse } from '../../saga/errors.ts';
import { changeStatus } from './application-status.ts';
import * as steps from './steps.ts';

export const rejectApplication = implement(steps.rejectApplication, {
  async do(tx, { application_id }, { sagaId }) {
    const change = { from: 'pending', to: 'rejected', holder: sagaId, held: false } as const;
    if (!(await changeStatus(tx, application_id, change))) refuse('the application is not pending');
    return {};
  },
  undo: null,
});
