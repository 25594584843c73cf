import { z } from 'zod';
import type { Database } from '../guard/database.ts';
import { createProduct, productBody } from '../services/product/create-product.ts';
import { catalogRow, findProduct, listProducts, productRow } from '../services/product/find-products.ts';
import { invalid } from './problem.ts';
import { createOnce, found, mount, pathId } from './resources.ts';
import { router } from './router.ts';
import { askDatabase, type Services } from './services.ts';

const page = z.object({
  offset: z.coerce.number<string>().int().min(0).max(1_000_000_000).default(0),
  size: z.coerce.number<string>().int().min(1).max(500).default(100),
});
const catalogs = z.object({ catalogs: z.array(catalogRow) }).meta({ id: 'Catalog' });

export function productRoutes(services: Services, database: Database) {
  const routes = router();

  mount(
    routes,
    services,
    {
      method: 'post',
      path: '/api/product',
      asks: 'stock',
      summary: 'Add a product to the catalogue',
      body: productBody,
      answer: z.object({ id: z.guid() }),
    },
    (c, caller) => createOnce(c, caller, database, createProduct, '/api/product'),
  );

  mount(
    routes,
    services,
    {
      method: 'get',
      path: '/api/products',
      asks: 'nothing',
      summary: 'The catalogue',
      query: page,
      answer: catalogs,
    },
    async (c) => {
      const query = page.safeParse(c.req.query());
      if (!query.success) throw invalid(query.error);
      return c.json({ catalogs: await askDatabase(() => listProducts(database, query.data)) });
    },
  );

  mount(
    routes,
    services,
    { method: 'get', path: '/api/product/{id}', asks: 'nothing', summary: 'A product', answer: productRow },
    async (c) => {
      const id = pathId(c);
      return c.json(found(await askDatabase(() => findProduct(database, id)), 'product', id));
    },
  );
  return routes;
}
