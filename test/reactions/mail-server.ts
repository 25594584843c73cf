import { once } from 'node:events';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';
import { portOf } from '../support/port-of.ts';

interface Taken {
  /** Of the envelope. */
  to: string[];
  headers: Record<string, string>;
  text: string;
}

const hangUp = (socket: Socket): void => void socket.end();

/** A real SMTP server on loopback, which keeps what it takes. */
export async function startMailServer() {
  const taken: Taken[] = [];
  /** Addresses that it refuses. */
  const refused = new Set<string>();
  const sockets = new Set<Socket>();
  let replies = { toLose: 0, lose: hangUp };
  let server = listening();
  await once(server.server, 'listening');
  const port = portOf(server.server);

  function listening(on = 0) {
    const made = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      closeTimeout: 100,
      onRcptTo: ({ address }, _session, done) =>
        done(refused.has(address) ? new Error(`<${address}> is not wanted here`) : null),
      onData: (stream, { envelope }, done) =>
        void text(stream).then((raw) => {
          taken.push(
            parse(
              raw,
              envelope.rcptTo.map(({ address }) => address),
            ),
          );
          if (replies.toLose-- > 0) sockets.forEach(replies.lose);
          else done();
        }),
    });
    made.on('error', () => {});
    made.server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    });
    made.listen(on, '127.0.0.1');
    return made;
  }

  const goAway = () => new Promise<void>((resolve) => server.close(() => resolve()));
  return {
    url: `smtp://127.0.0.1:${port}`,
    taken,
    refused,
    to: (address: string) => taken.filter(({ to }) => to.includes(address)),
    /** It takes so many mails, and hangs up in place of a reply, or does what `lose` says. */
    loseReplies(toLose: number, lose = hangUp) {
      replies = { toLose, lose };
    },
    goAway,
    async comeBack() {
      server = listening(port);
      await once(server.server, 'listening');
    },
  };
}

function parse(raw: string, to: string[]): Taken {
  const end = raw.indexOf('\r\n\r\n');
  const lines = raw
    .slice(0, end)
    .replace(/\r\n[ \t]+/g, ' ')
    .split('\r\n');
  const headers = lines.map((line) => line.split(/: (.*)/s).slice(0, 2));
  return { to, headers: Object.fromEntries(headers), text: raw.slice(end + 4).replaceAll('\r\n', '\n') };
}
