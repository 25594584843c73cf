import type { Context } from 'hono';
import { z } from 'zod';
import { sagaInputs, sagaTypes } from '../../workflows/inputs.ts';
import type { ApiContext } from '../context.ts';
import { readFields, toNumber } from '../http/form-fields.ts';
import { notUtf8, parseJson, readText } from '../http/json-body.ts';
import { invalid, Problem } from '../http/problem.ts';
import { problems } from '../http/problem-responses.ts';
import { checked, idempotencyKey, inWords } from '../http/read-request.ts';
import { jsonRoutes } from '../json-routes.ts';
import { authorizedInput } from './authorize-start.ts';
import { startedSchema } from './schemas.ts';
import { startSaga } from './start-saga.ts';

const formSchema = z
  .looseObject({
    saga_id: z.guid('must be a UUID'),
    type: z.enum(sagaTypes).optional(),
  })
  .meta({
    id: 'StartForm',
    description:
      '`type` is `rehearsal` unless given. All other fields are the input of the saga; in a form, `customer[name]=Ada`.',
    example: { saga_id: '72639776-a13f-4c1b-b0c3-5feb2d525e4e' },
  });

export function startFormRoutes(context: ApiContext) {
  const { routes, post } = jsonRoutes(context, 'sagas');
  post(
    '/start',
    {
      access: 'start',
      operation: 'startUnderId',
      summary: 'Start a saga under an id of your own; the same id again starts nothing',
      body: formSchema,
      types: ['application/x-www-form-urlencoded', 'application/json'],
      success: 202,
      response: startedSchema,
      more: problems(415, 429),
    },
    async (c, caller) => {
      const { body, areTexts } = await readForm(c);
      const { saga_id, type = 'rehearsal', ...fields } = body;
      const schema: z.ZodType = sagaInputs[type];
      const given = z.encode(schema, parseFields(schema, fields, areTexts));
      const input = await authorizedInput(context, caller, { type, input: given });
      const id = saga_id.toLowerCase();
      const started = await startSaga(context, {
        type,
        input,
        id,
        key: idempotencyKey(c),
        caller: caller.id,
      });
      return c.json(started, 202, { location: started.links.self });
    },
  );
  return routes;
}

/** `areTexts`: it is a form, so all values are texts. Old clients' bodies are read whatever their type, except multipart. */
async function readForm(c: Context) {
  const contentType = c.req.header('content-type')?.toLowerCase() ?? '';
  if (contentType.startsWith('multipart/'))
    throw new Problem(415, 'send the form as application/x-www-form-urlencoded, or the fields as JSON');
  const text = await readText(c);
  const isJson = contentType.includes('json') || text.trimStart().startsWith('{');
  const body = isJson ? parseJson(text) : readFields(parseForm(text));
  const parsed = formSchema.safeParse(body, { reportInput: true, error: inWords });
  if (parsed.success && !hasPrototype(body)) return { body: parsed.data, areTexts: !isJson };
  if (parsed.success) throw unknownField('__proto__');
  const isBadId = parsed.error.issues.some(({ path, input }) => path[0] === 'saga_id' && input !== undefined);
  throw invalid(parsed.error, isBadId ? 400 : 422);
}

/** Throws the 400 for escaped bytes that are not UTF-8, which the parser would replace. */
function parseForm(text: string): URLSearchParams {
  const escapes = text.match(/(?:%[\da-f]{2})+/gi) ?? [];
  try {
    for (const bytes of escapes) decodeURIComponent(bytes);
  } catch {
    throw notUtf8();
  }
  return new URLSearchParams(text);
}

/** Validation would drop it silently. */
const hasPrototype = (body: unknown) =>
  typeof body === 'object' && body !== null && Object.hasOwn(body, '__proto__');

const unknownField = (name: string) =>
  invalid({ issues: [{ code: 'unrecognized_keys', keys: [name], path: [], message: '' }] });

/** Converts texts of a form to numbers where the schema wants numbers. */
function parseFields(schema: z.ZodType, fields: Record<string, unknown>, areTexts: boolean): unknown {
  const parsed = schema.safeParse(fields, { error: inWords });
  if (parsed.success) return parsed.data;
  if (!areTexts) throw invalid(parsed.error);
  for (const { code, path } of parsed.error.issues) if (code === 'invalid_type') toNumber(fields, path);
  return checked(schema, fields);
}
