import { defineSaga } from '../saga/define-saga.ts';
import { createDelivery } from '../services/delivery/steps.ts';
import { completeOrder, createOrder } from '../services/order/steps.ts';
import { createPayment } from '../services/payment/steps.ts';
import { reserveInventory } from '../services/product/steps.ts';
import { type PurchaseResult, purchaseStart } from './inputs.ts';

/** From a basket to a paid order in delivery. Order and payment have the saga's id. */
export const purchase = defineSaga({
  type: 'purchase',
  input: purchaseStart,
  steps: [reserveInventory, createOrder, createPayment, createDelivery, completeOrder],

  async run(saga, { purchase_items, payment, account_id }): Promise<PurchaseResult> {
    const order_id = saga.id;
    const { purchased_items, total } = await saga.step(reserveInventory, { purchase_items });
    await saga.step(createOrder, { order_id, account_id, purchased_items });
    const { payment_id } = await saga.step(createPayment, {
      payment_id: saga.id,
      account_id,
      amount: total,
      currency_code: payment.currency_code,
    });
    const { delivery_id } = await saga.step(createDelivery, { order_id });
    await saga.step(completeOrder, { order_id });
    return { order_id, payment_id, delivery_id };
  },
});
