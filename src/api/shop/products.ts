import { z } from 'zod';
import type { Database } from '../../guard/database.ts';
import { createProduct, productBody } from '../../services/product/create-product.ts';
import { catalogRow, findProduct, listProducts, productRow } from '../../services/product/find-products.ts';
import { askDatabase } from '../ask-database.ts';
import type { ApiContext } from '../context.ts';
import { orNotFound } from '../http/problem.ts';
import { pathId, readQuery } from '../http/read-request.ts';
import { jsonRoutes } from '../json-routes.ts';
import { createOnce } from '../resources/rows.ts';

const page = z.object({
  offset: z.coerce.number<string>().int().min(0).max(1_000_000_000).default(0).meta({ type: 'integer' }),
  size: z.coerce.number<string>().int().min(1).max(500).default(100),
});
const catalogs = z.object({ catalogs: z.array(catalogRow) }).meta({ id: 'Catalog' });

export function productRoutes(context: ApiContext, database: Database) {
  const { routes, get, post } = jsonRoutes(context, 'shop');

  post(
    '/api/product',
    {
      access: 'stock',
      operation: 'createProduct',
      summary: 'Add a product to the catalogue',
      body: productBody,
      response: z.object({ id: z.guid() }),
    },
    (c, caller) =>
      createOnce(c, caller, database, createProduct, '/api/product', { listed: () => '/api/products' }),
  );

  get(
    '/api/products',
    {
      access: 'nothing',
      operation: 'listProducts',
      summary: 'The catalogue',
      query: page,
      response: catalogs,
    },
    async (c) => {
      const query = readQuery(c, page);
      return c.json({ catalogs: await askDatabase(() => listProducts(database, query)) });
    },
  );

  get(
    '/api/product/{id}',
    { access: 'nothing', operation: 'getProduct', summary: 'A product', response: productRow },
    async (c) => {
      const id = pathId(c);
      return c.json(orNotFound(await askDatabase(() => findProduct(database, id)), 'product', id));
    },
  );
  return routes;
}
