import { hc } from 'hono/client';
import type { Api } from './app.ts';

/** A client of the API at `url`, typed by its routes: `client.sagas[':id'].$get({ param: { id } })`. */
export const createClient = (url: string, fetch: typeof globalThis.fetch = globalThis.fetch) =>
  hc<Api>(url, { fetch });
