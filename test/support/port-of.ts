import { z } from 'zod';

const bound = z.object({ port: z.number() });

/** The port on which a server listens. */
export const portOf = (server: { address(): unknown }): number => bound.parse(server.address()).port;
