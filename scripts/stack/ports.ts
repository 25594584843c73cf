import { createServer } from 'node:net';

export type PortWish = {
  port: number;
  host: string;
  wantedBy: string;
  variable: string;
  /** The variable that sets the host, where there is one. */
  hostVariable?: string;
};

/** Throws for the first port that is wanted twice, or on which nothing can listen. */
export async function checkPorts(wishes: PortWish[]): Promise<void> {
  for (const [index, { port, wantedBy, variable }] of wishes.entries()) {
    const former = wishes.slice(0, index).find((wish) => port !== 0 && wish.port === port);
    if (former)
      throw new Error(
        `Port ${port} is wanted by ${former.wantedBy} and by ${wantedBy}. ` +
          `Set ${former.variable} or ${variable} to another port.`,
      );
  }
  for (const wish of wishes) {
    const code = wish.port === 0 ? undefined : await tryPort(wish);
    if (code) throw new Error(explain(wish, code));
  }
}

export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/** The code of the error; undefined when the port is free. */
export function tryPort({ port, host }: Pick<PortWish, 'port' | 'host'>): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer().once('error', ({ code, message }: NodeJS.ErrnoException) =>
      resolve(code ?? message),
    );
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

/** Why nothing can listen there, and what to do. */
export function explain({ port, host, wantedBy, variable, hostVariable }: PortWish, code: string): string {
  const setPort = `set ${variable} to another port`;
  if (code === 'EADDRINUSE')
    return `Port ${port} is taken by another program, and ${wantedBy} wants it. Free it, or ${setPort}.`;
  if (code === 'EACCES')
    return `Port ${port} is not allowed for this user, and ${wantedBy} wants it: ports below 1024 need root. Run as root, or ${setPort}.`;
  if (hostVariable && ['EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN'].includes(code))
    return `${hostVariable} is ${host}, which is no address of this machine (${code}), and ${wantedBy} wants to listen on it. Correct ${hostVariable}.`;
  return `Port ${port} on ${host} cannot be opened (${code}), and ${wantedBy} wants it. Free it, or ${setPort}.`;
}
