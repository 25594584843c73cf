import { implement } from '../../guard/implement.ts';
import { CannotUndo, refuse } from '../../saga/errors.ts';
import { changeStatus } from './application-status.ts';
import * as steps from './steps.ts';

export const approveApplication = implement(steps.approveApplication, {
  async do(tx, { application_id }, { sagaId }) {
    const change = { from: 'pending', to: 'approved', holder: sagaId, held: true } as const;
    if (!(await changeStatus(tx, application_id, change))) refuse('the application is not pending');
    return { application_id };
  },

  async undo(tx, { application_id }, { sagaId }) {
    const change = { from: 'approved', to: 'pending', holder: sagaId, held: true } as const;
    if (!(await changeStatus(tx, application_id, change)))
      throw new CannotUndo('the application is not approved');
  },
});
