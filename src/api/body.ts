import type { Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { z } from 'zod';
import { invalid, Problem } from './problem.ts';

const limitBytes = 64 * 1024;

export const limitBody = bodyLimit({
  maxSize: limitBytes,
  onError: () => {
    throw new Problem(413, `the body is larger than ${limitBytes} bytes`);
  },
});

/** The JSON body, checked: its decoded values. Throws the `Problem` that says what is wrong with it. */
export async function readJson<S extends z.ZodType>(c: Context, schema: S): Promise<z.output<S>> {
  const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json')
    throw new Problem(415, 'send the body as application/json, and say so in Content-Type');
  const text = await c.req.text();
  const parsed = schema.safeParse(parseJson(text));
  if (!parsed.success) throw invalid(parsed.error);
  return parsed.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem(400, 'the body is not valid JSON');
  }
}
