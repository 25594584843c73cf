import type { z } from 'zod';

/** Nullable, and says so in its JSON Schema: what a codec says of itself by `meta` knows of no null. */
export function orNull<S extends z.ZodType>(schema: S): z.ZodNullable<S> {
  const { anyOf, type, ...rest } = schema.meta() ?? {};
  const nullable = schema.nullable();
  if (Array.isArray(anyOf)) return nullable.meta({ ...rest, anyOf: [...anyOf, { type: 'null' }] });
  return typeof type === 'string' ? nullable.meta({ ...rest, type: [type, 'null'] }) : nullable;
}
