import { implement } from '../../guard/implement.ts';
import { refuse } from '../../saga/errors.ts';
import { changeStatus } from './order-status.ts';
import * as steps from './steps.ts';

export const completeOrder = implement(steps.completeOrder, {
  async do(tx, { order_id }) {
    if (!(await changeStatus(tx, order_id, 'completed'))) refuse('the order is not open');
    return {};
  },
  undo: null,
});
