import { once } from 'node:events';
import { createServer } from 'node:http';
import { portOf } from './port-of.ts';

interface Taken {
  key: unknown;
  type: unknown;
  authorization: string | undefined;
  body: { saga_id: string; [field: string]: unknown };
}

/** Takes alerts. `answers`: how it answers from now on; 204 when nothing is said. */
export async function startWebhook() {
  const taken: Taken[] = [];
  const answers: number[] = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const bytes of request) text += bytes;
    const { 'idempotency-key': key, 'content-type': type, authorization } = request.headers;
    taken.push({ key, type, authorization, body: JSON.parse(text) });
    response.writeHead(answers.shift() ?? 204).end('a secret');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const port = portOf(server);
  return { url: `http://127.0.0.1:${port}/our-hook`, taken, answers, close: () => server.close() };
}
