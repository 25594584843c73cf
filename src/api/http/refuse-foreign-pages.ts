import type { MiddlewareHandler } from 'hono';
import { Problem } from './problem.ts';

/** Any port. */
const loopback = /^((.+\.)?localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;
const safeMethods = ['GET', 'HEAD', 'OPTIONS'];
const ofProxies = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'];

/**
 * For ports on loopback where a caller without a token is an admin: every web page that is open on the machine can call
 * them. Reads stay allowed, because a page cannot read across origins. Refused outright: a foreign Host (DNS rebinding), and
 * what a proxy says it forwards, since that opens the port to others. Throws the 403.
 */
export const refuseForeignPages: MiddlewareHandler = async (c, next) => {
  const host = c.req.header('host');
  if (host !== undefined && !loopback.test(host))
    throw foreign(`${host} is not a name of this machine: use 127.0.0.1 or localhost`);
  const forwarded = ofProxies.find((name) => c.req.header(name) !== undefined);
  if (forwarded !== undefined)
    throw foreign(`the header ${forwarded} says that a proxy forwards for other machines`);
  if (!safeMethods.includes(c.req.method)) {
    const site = c.req.header('sec-fetch-site') ?? 'none';
    const origin = c.req.header('origin');
    const isOwn = site === 'same-origin' || site === 'none';
    if (!isOwn || (origin !== undefined && hostOf(origin) !== host?.toLowerCase()))
      throw foreign('a web page of another origin may not call this port');
  }
  await next();
};

const hostOf = (origin: string) => (URL.canParse(origin) ? new URL(origin).host : undefined);

const foreign = (detail: string) =>
  new Problem(403, `${detail}. To serve others, turn on AUTH, or set SERVICE_TOKEN for a service's own port`);
