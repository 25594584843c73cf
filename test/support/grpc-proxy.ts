import { once } from 'node:events';
import {
  connect,
  createServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import { portOf } from './port-of.ts';

/** Forwards gRPC calls to the server at `address`, except those that it is told to fail. */
export async function grpcProxy(address: string) {
  const upstream = connect(`http://${address}`);
  const failures = new Map<string, number[]>();
  const sessions: ServerHttp2Session[] = [];
  const server = createServer();
  server.on('session', (session) => sessions.push(session));
  server.on('stream', (stream, headers) => {
    const method = headers[':path']?.split('/').at(-1) ?? '';
    const status = failures.get(method)?.shift();
    if (status === undefined) return forward(stream, headers);
    stream.respond(
      { 'content-type': 'application/grpc', 'grpc-status': String(status) },
      { endStream: true },
    );
  });

  function forward(stream: ServerHttp2Stream, headers: IncomingHttpHeaders) {
    const request = upstream.request(headers);
    let trailers: IncomingHttpHeaders = {};
    request.on('trailers', (received) => {
      trailers = received;
    });
    request.on('response', (received) => stream.respond(received, { waitForTrailers: true }));
    stream.on('wantTrailers', () => stream.sendTrailers(trailers));
    stream.pipe(request).pipe(stream);
  }

  await once(server.listen(0, '127.0.0.1'), 'listening');
  const port = portOf(server);
  return {
    address: `127.0.0.1:${port}`,
    /** The next calls of the method get these gRPC statuses. */
    fail: (method: string, statuses: number[]) => void failures.set(method, [...statuses]),
    close() {
      server.close();
      for (const session of sessions) session.destroy();
      upstream.destroy();
    },
  };
}
