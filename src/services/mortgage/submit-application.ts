import { uuidv7 } from 'uuidv7';
import { implement } from '../../guard/implement.ts';
import { CannotUndo } from '../../saga/errors.ts';
import { changeStatus } from './application-status.ts';
import { valuesOf } from './resource.ts';
import { application } from './schema.ts';
import * as steps from './steps.ts';

export const submitApplication = implement(steps.submitApplication, {
  async do(tx, terms, stamp) {
    const id = uuidv7();
    await tx.insert(application).values({ id, ...valuesOf(terms), heldBy: stamp.sagaId, ...stamp });
    return { ...terms, application_id: id };
  },

  async undo(tx, { application_id }, { sagaId }) {
    const change = { from: 'pending', to: 'withdrawn', holder: sagaId, held: false } as const;
    if (!(await changeStatus(tx, application_id, change)))
      throw new CannotUndo('the application is not pending');
  },
});
