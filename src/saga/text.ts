import { z } from 'zod';

const unstorable = /\0|\p{Surrogate}/u;

/** A line of text that every database and every JSON parser can hold. */
export const plainText = (max: number) =>
  z
    .string()
    .trim()
    .min(1, 'must not be empty')
    .max(max, `must have at most ${max} characters`)
    .refine((text) => !unstorable.test(text), 'must not contain NUL or half a surrogate pair')
    .meta({ pattern: '^[^\\u0000]*[^\\s\\u0000][^\\u0000]*$' });
