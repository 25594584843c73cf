import { implement } from '../../guard/implement.ts';
import { CannotUndo } from '../../saga/errors.ts';
import { changeStatus } from './order-status.ts';
import { order, orderItem } from './schema.ts';
import * as steps from './steps.ts';

export const createOrder = implement(steps.createOrder, {
  async do(tx, { order_id, account_id, purchased_items }, stamp) {
    await tx.insert(order).values({ id: order_id, accountId: account_id ?? null, ...stamp });
    await tx.insert(orderItem).values(
      purchased_items.map(({ product_id, brand_name, ...item }) => ({
        orderId: order_id,
        productId: product_id,
        brandName: brand_name,
        ...item,
        ...stamp,
      })),
    );
    return { order_id };
  },

  async undo(tx, { order_id }) {
    if (!(await changeStatus(tx, order_id, 'cancelled'))) throw new CannotUndo('the order is completed');
  },
});
