import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { etag } from 'hono/etag';
import { html } from 'hono/html';

const assets = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
const served = {
  'swagger-ui.css': 'text/css',
  'swagger-ui-bundle.js': 'text/javascript',
} as const;

const starter = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#docs', tryItOutEnabled: true });`;

/**
 * `/openapi.json`, and `/docs` to read and try it, without a CDN for networks without Internet access. `token`: all of it
 * needs the service's token.
 */
export function serveDocs(app: OpenAPIHono, description: string, { token = false } = {}) {
  let document: string | undefined;
  app.get('/openapi.json', etag(), (c) => {
    document ??= documentOf(app, description, token);
    return c.body(document, 200, { 'content-type': 'application/json', 'cache-control': 'no-cache' });
  });
  app.get('/docs', (c) => {
    c.header(
      'content-security-policy',
      "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'",
    );
    return c.html(
      html`<!doctype html><html lang="en"><head><meta charset="utf-8" /><title>Unwind: the API</title><link rel="stylesheet" href="/docs/swagger-ui.css" /></head><body><div id="docs"></div><script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script></body></html>`,
    );
  });
  app.get('/docs/start.js', (c) => c.body(starter, 200, { 'content-type': 'text/javascript' }));
  for (const [file, type] of Object.entries(served))
    app.get(`/docs/${file}`, async (c) =>
      c.body(await readFile(join(assets, file)), 200, {
        'content-type': type,
        'cache-control': 'public, max-age=86400',
      }),
    );
}

function documentOf(app: OpenAPIHono, description: string, token: boolean): string {
  const info = { title: 'Unwind', version: '0.1.0', description };
  if (token)
    app.openAPIRegistry.registerComponent('securitySchemes', 'service', { type: 'http', scheme: 'bearer' });
  const security = token ? { security: [{ service: [] }] } : {};
  const servers = [{ url: '/' }];
  return JSON.stringify(app.getOpenAPI31Document({ openapi: '3.1.0', info, servers, ...security }));
}
