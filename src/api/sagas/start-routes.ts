import type { Context } from 'hono';
import { z } from 'zod';
import { sagaInputs, sagaTypes } from '../../workflows/inputs.ts';
import type { ApiContext } from '../context.ts';
import { refuseOtherMethods } from '../http/other-methods.ts';
import { Problem } from '../http/problem.ts';
import { problems } from '../http/problem-responses.ts';
import { keyHeader, readAnnouncedBody, readHeaders } from '../http/read-request.ts';
import { jsonRoutes } from '../json-routes.ts';
import { accessTo, authorizedInput } from './authorize-start.ts';
import { preferredWait, settledWithin } from './prefer-wait.ts';
import { sagaSchema, startedSchema } from './schemas.ts';
import { startSaga } from './start-saga.ts';

const headers = keyHeader.extend({
  prefer: z.string().optional().meta({
    description:
      '`wait=N`: respond with the whole saga once it has ended or waits, if that is within N ≤ 30 seconds',
    example: 'wait=10',
  }),
});

const camelCase = (words: string) => words.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());

/** One path per type, because each has its own schema. */
export function startRoutes(context: ApiContext) {
  const { routes, post } = jsonRoutes(context, 'sagas');
  const settled = { description: 'ended, or waits', content: { 'application/json': { schema: sagaSchema } } };
  for (const type of sagaTypes)
    post(
      `/sagas/${type}`,
      {
        access: accessTo(type),
        operation: camelCase(`start-${type}`),
        summary: `Start a saga: ${type}`,
        headers,
        body: sagaInputs[type],
        success: 202,
        response: startedSchema,
        more: { 200: settled, ...problems(415, 429) },
      },
      async (c, caller) => {
        const { 'idempotency-key': key, prefer } = readHeaders(c, headers);
        const schema: z.ZodType = sagaInputs[type];
        const given = z.encode(schema, await readAnnouncedBody(c, schema));
        const input = await authorizedInput(context, caller, { type, input: given });
        const started = await startSaga(context, { type, input, key, caller: caller.id });
        const location = started.links.self;
        const seconds = preferredWait(prefer);
        const saga = seconds > 0 ? await settledWithin(context, started, seconds) : undefined;
        if (saga) return c.json(saga, 200, { 'preference-applied': `wait=${seconds}`, location });
        return c.json(started, 202, { location });
      },
    );
  // Before GET /sagas/{id} is added, which would take these types for ids.
  refuseOtherMethods(routes);
  return routes;
}

/** For a POST to an unknown type, or to a saga. */
export function unknownType(c: Context): never {
  const type = c.req.param('type');
  if (z.guid().safeParse(type).success)
    throw new Problem(405, 'POST is not possible here: use GET', { headers: { allow: 'GET, HEAD' } });
  throw new Problem(404, `there is no saga type ${type}: choose one of ${sagaTypes.join(', ')}`);
}
