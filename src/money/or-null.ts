import type { z } from 'zod';

/** Nullable, also in the JSON Schema: a codec's own `meta` does not include null. */
export function orNull<S extends z.ZodType>(schema: S): z.ZodNullable<S> {
  const { anyOf, type, ...rest } = schema.meta() ?? {};
  const nullable = schema.nullable();
  if (Array.isArray(anyOf)) return nullable.meta({ ...rest, anyOf: [...anyOf, { type: 'null' }] });
  return typeof type === 'string' ? nullable.meta({ ...rest, type: [type, 'null'] }) : nullable;
}
