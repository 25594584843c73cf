import { z } from 'zod';

/** A visit has no effect: it checks that a service and its database respond. */
export const visitInput = z.object({});
