import { z } from 'zod';

/** A visit proves that a service and its database answer; it has no effect. */
export const visitInput = z.object({});
