import { z } from 'zod';
import type { Database } from '../guard/database.ts';
import { findOrder, orderRow } from '../services/order/find-order.ts';
import { findPayment, purchasePaymentRow } from '../services/payment/find-payment.ts';
import { unknownProducts } from '../services/product/find-products.ts';
import { purchaseBody } from '../workflows/contracts.ts';
import { accountOf } from './identity.ts';
import { Problem } from './problem.ts';
import { found, idempotencyKey, mount, pathId, readResource } from './resources.ts';
import { problems, router } from './router.ts';
import { askDatabase, type Services } from './services.ts';
import { startSaga } from './start-saga.ts';

interface ShopDatabases {
  product: Database;
  order: Database;
  payment: Database;
}

export function purchaseRoutes(services: Services, { product, order, payment }: ShopDatabases) {
  const routes = router();

  mount(
    routes,
    services,
    {
      method: 'post',
      path: '/api/purchase',
      asks: 'buy',
      summary: 'Buy: starts the saga purchase; order and payment bear its id',
      body: purchaseBody,
      answer: z.object({ purchase_id: z.guid() }),
      more: problems(429),
    },
    async (c, caller) => {
      const { account } = accountOf(caller);
      const body = await readResource(c, purchaseBody);
      const ids = body.purchase_items.map(({ product_id }) => product_id);
      const [unknown] = await askDatabase(() => unknownProducts(product, ids));
      if (unknown !== undefined) throw new Problem(404, `there is no product ${unknown}`);
      const { saga_id, links } = await startSaga(services, {
        type: 'purchase',
        input: { ...body, account_id: account },
        key: idempotencyKey(c),
        caller: account,
      });
      return c.json({ purchase_id: saga_id }, 201, { location: links.self });
    },
  );

  mount(
    routes,
    services,
    {
      method: 'get',
      path: '/api/order/{id}',
      asks: 'use an account',
      summary: 'An order of yours',
      answer: orderRow,
    },
    async (c, caller) => {
      const { account } = accountOf(caller);
      const id = pathId(c);
      return c.json(found(await askDatabase(() => findOrder(order, id, account)), 'order', id));
    },
  );

  mount(
    routes,
    services,
    {
      method: 'get',
      path: '/api/payment/{id}',
      asks: 'use an account',
      summary: 'A payment of yours',
      answer: purchasePaymentRow,
    },
    async (c, caller) => {
      const { account } = accountOf(caller);
      const id = pathId(c);
      return c.json(found(await askDatabase(() => findPayment(payment, id, account)), 'payment', id));
    },
  );
  return routes;
}
