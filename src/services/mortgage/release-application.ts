import { implement } from '../../guard/implement.ts';
import { refuse } from '../../saga/errors.ts';
import { changeStatus } from './application-status.ts';
import * as steps from './steps.ts';

export const releaseApplication = implement(steps.releaseApplication, {
  async do(tx, { application_id }, { sagaId }) {
    const change = { from: 'approved', to: 'approved', holder: sagaId, held: false } as const;
    if (!(await changeStatus(tx, application_id, change))) refuse('the application is not held by this saga');
    return {};
  },
  undo: null,
});
