import { once } from 'node:events';
import {
  connect,
  createServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import { portOf } from './port-of.ts';

const methodOf = (headers: IncomingHttpHeaders) => headers[':path']?.split('/').at(-1) ?? '';

/** Forwards gRPC calls to the server at `address`, except those that it is told to fail or to answer otherwise. */
export async function grpcProxy(address: string) {
  const upstream = connect(`http://${address}`);
  const failures = new Map<string, number[]>();
  const changes = new Map<string, { text: string; instead: string }>();
  const sessions: ServerHttp2Session[] = [];
  const server = createServer();
  server.on('session', (session) => sessions.push(session));
  server.on('stream', (stream, headers) => {
    const status = failures.get(methodOf(headers))?.shift();
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
    stream.pipe(request);
    const change = changes.get(methodOf(headers));
    if (!change) return void request.pipe(stream);
    request.on('data', (bytes: Buffer) =>
      stream.write(Buffer.from(bytes.toString('latin1').replace(change.text, change.instead), 'latin1')),
    );
    request.on('end', () => stream.end());
  }

  await once(server.listen(0, '127.0.0.1'), 'listening');
  const port = portOf(server);
  return {
    address: `127.0.0.1:${port}`,
    /** The next calls of the method get these gRPC statuses. */
    fail: (method: string, statuses: number[]) => void failures.set(method, [...statuses]),
    /** Answers of the method have another text of the same length. */
    change: (method: string, text: string, instead: string) => void changes.set(method, { text, instead }),
    close() {
      server.close();
      for (const session of sessions) session.destroy();
      upstream.destroy();
    },
  };
}
