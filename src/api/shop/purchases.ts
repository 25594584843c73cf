import { z } from 'zod';
import type { Database } from '../../guard/database.ts';
import { findOrder, orderRow } from '../../services/order/find-order.ts';
import { findPayment, purchasePaymentRow } from '../../services/payment/find-payment.ts';
import { quoteItems } from '../../services/product/quote-items.ts';
import { purchaseBody } from '../../workflows/inputs.ts';
import { askDatabase } from '../ask-database.ts';
import type { ApiContext } from '../context.ts';
import { notFound, orNotFound } from '../http/problem.ts';
import { problems } from '../http/problem-responses.ts';
import { idempotencyKey, pathId, readJsonBody } from '../http/read-request.ts';
import { jsonRoutes } from '../json-routes.ts';
import { startSaga } from '../sagas/start-saga.ts';

interface ShopDatabases {
  product: Database;
  order: Database;
  payment: Database;
}

export function purchaseRoutes(context: ApiContext, { product, order, payment }: ShopDatabases) {
  const { routes, get, post } = jsonRoutes(context, 'shop');

  post(
    '/api/purchase',
    {
      access: 'buy',
      operation: 'buy',
      summary: 'Buy: starts the saga purchase; order and payment bear its id',
      body: purchaseBody,
      response: z.object({ purchase_id: z.guid() }),
      more: problems(429),
    },
    async (c, caller) => {
      const body = await readJsonBody(c, purchaseBody);
      const { unknown } = await askDatabase(() => quoteItems(product, body.purchase_items));
      if (unknown !== undefined) throw notFound('product', unknown);
      const { saga_id, links } = await startSaga(context, {
        type: 'purchase',
        input: { ...body, account_id: caller.id },
        key: idempotencyKey(c),
        caller: caller.id,
      });
      return c.json({ purchase_id: saga_id }, 201, { location: links.self });
    },
  );

  get(
    '/api/order/{id}',
    { access: 'use an account', operation: 'getOrder', summary: 'An order of yours', response: orderRow },
    async (c, caller) => {
      const id = pathId(c);
      return c.json(orNotFound(await askDatabase(() => findOrder(order, id, caller.id)), 'order', id));
    },
  );

  get(
    '/api/payment/{id}',
    {
      access: 'use an account',
      operation: 'getPurchasePayment',
      summary: 'A payment of yours',
      response: purchasePaymentRow,
    },
    async (c, caller) => {
      const id = pathId(c);
      return c.json(orNotFound(await askDatabase(() => findPayment(payment, id, caller.id)), 'payment', id));
    },
  );
  return routes;
}
