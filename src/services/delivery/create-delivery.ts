import { and, eq } from 'drizzle-orm';
import { uuidv7 } from 'uuidv7';
import { implement } from '../../guard/implement.ts';
import { CannotUndo } from '../../saga/errors.ts';
import { delivery } from './schema.ts';
import * as steps from './steps.ts';

export const createDelivery = implement(steps.createDelivery, {
  async do(tx, { order_id }, stamp) {
    const id = uuidv7();
    await tx.insert(delivery).values({ id, orderId: order_id, ...stamp });
    return { delivery_id: id };
  },

  async undo(tx, { delivery_id }) {
    const { count } = await tx
      .update(delivery)
      .set({ status: 'cancelled' })
      .where(and(eq(delivery.id, delivery_id), eq(delivery.status, 'scheduled')));
    if (count !== 1) throw new CannotUndo('the delivery is not scheduled');
  },
});
