import { createServer } from 'node:http2';
import { expect, onTestFinished, test } from 'vitest';
import { open } from '../../bench/engines/temporal/plain.ts';
import { portOf } from '../support/port-of.ts';

test('plain Temporal sends without compression on this machine, as Unwind and the no-op do', async () => {
  const encodings: unknown[] = [];
  const server = createServer();
  server.on('stream', (stream, headers) => {
    encodings.push(headers['grpc-encoding'] ?? 'identity');
    stream.respond(
      { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '7' },
      { endStream: true },
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const settings = {
    name: 'plain',
    taskQueue: '',
    engine: '',
    databaseUrl: 'postgres://127.0.0.1/none',
    bundles: '',
  };
  await expect(open({ ...settings, temporal: `127.0.0.1:${portOf(server)}` })).rejects.toThrow();
  expect(new Set(encodings)).toEqual(new Set(['identity']));
});
