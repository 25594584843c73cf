import { createServer, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { checkPorts, explain, freePort } from '../../scripts/stack/ports.ts';

let blocker: Server | undefined;
afterEach(() => blocker?.close());

test('a taken port is named, with who wants it and the variable to set', async () => {
  const port = await freePort();
  blocker = createServer();
  await new Promise<void>((resolve) => blocker?.listen(port, '127.0.0.1', resolve));

  const wish = { port, host: '127.0.0.1', wantedBy: 'Postgres', variable: 'POSTGRES_PORT' };
  await expect(checkPorts([wish])).rejects.toThrow(
    `Port ${port} is taken by another program, and Postgres wants it. Free it, or set POSTGRES_PORT to another port.`,
  );
});

test('a port that two want is named, with both variables', async () => {
  const port = await freePort();
  const wish = { port, host: '127.0.0.1' };
  const api = { ...wish, wantedBy: 'the API', variable: 'PORT' };
  const customer = { ...wish, wantedBy: 'the customer service', variable: 'CUSTOMER_PORT' };
  await expect(checkPorts([api, customer])).rejects.toThrow(
    `Port ${port} is wanted by the API and by the customer service. Set PORT or CUSTOMER_PORT to another port.`,
  );
  await checkPorts([
    { ...api, port: 0 },
    { ...customer, port: 0 },
  ]);
});

test('free ports are left free', async () => {
  const port = await freePort();
  const wish = { port, host: '127.0.0.1', wantedBy: 'the API', variable: 'PORT' };
  await checkPorts([wish]);
  await expect(checkPorts([wish])).resolves.toBeUndefined();
});

test('a host that is no address of this machine is named, with its variable', async () => {
  const api = { port: await freePort(), wantedBy: 'the API', variable: 'PORT', hostVariable: 'HOST' };
  await expect(checkPorts([{ ...api, host: '192.0.2.1' }])).rejects.toThrow(
    'HOST is 192.0.2.1, which is no address of this machine (EADDRNOTAVAIL), and the API wants to listen on it. Correct HOST.',
  );
  await expect(checkPorts([{ ...api, host: 'nowhere.invalid' }])).rejects.toThrow(
    /^HOST is nowhere\.invalid, which is no address of this machine \((ENOTFOUND|EAI_AGAIN)\)/,
  );
});

test('a port that needs root is refused as that', () => {
  const wish = { port: 80, host: '127.0.0.1', wantedBy: 'the API', variable: 'PORT' };
  expect(explain(wish, 'EACCES')).toBe(
    'Port 80 is not allowed for this user, and the API wants it: ports below 1024 need root. Run as root, or set PORT to another port.',
  );
});
