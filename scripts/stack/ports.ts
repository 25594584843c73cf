import { createServer } from 'node:net';

export type PortWish = { port: number; host: string; wantedBy: string; variable: string };

/** Throws for the first port that two want, or that cannot be listened on. */
export async function checkPorts(wishes: PortWish[]): Promise<void> {
  for (const [index, { port, wantedBy, variable }] of wishes.entries()) {
    const former = wishes.slice(0, index).find((wish) => port !== 0 && wish.port === port);
    if (former)
      throw new Error(
        `Port ${port} is wanted by ${former.wantedBy} and by ${wantedBy}. ` +
          `Set ${former.variable} or ${variable} to another port.`,
      );
  }
  for (const { port, host, wantedBy, variable } of wishes) {
    const problem = port === 0 ? undefined : await tryPort(port, host);
    if (problem) {
      throw new Error(
        `Port ${port} ${problem}, and ${wantedBy} wants it. Free it, or set ${variable} to another port.`,
      );
    }
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

function tryPort(port: number, host: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer().once('error', ({ code }: NodeJS.ErrnoException) =>
      resolve(
        code === 'EADDRINUSE' ? 'is taken by another program' : `cannot be listened on (${code} on ${host})`,
      ),
    );
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}
