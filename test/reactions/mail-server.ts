import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';
import { portOf } from '../support/port-of.ts';

interface Taken {
  /** Of the envelope. */
  to: string[];
  headers: Record<string, string>;
  text: string;
}

/** A real SMTP server on loopback, which keeps what it takes. */
export async function startMailServer() {
  const taken: Taken[] = [];
  /** Addresses that it refuses. */
  const refused = new Set<string>();
  /** So many replies get lost: it takes the mail, and hangs up. */
  let replies = { toLose: 0 };
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
          if (replies.toLose-- > 0) for (const connection of made.connections) connection.close();
          else done();
        }),
    });
    made.on('error', () => {});
    made.listen(on, '127.0.0.1');
    return made;
  }

  const goAway = () => new Promise<void>((resolve) => server.close(() => resolve()));
  return {
    url: `smtp://127.0.0.1:${port}`,
    taken,
    refused,
    to: (address: string) => taken.filter(({ to }) => to.includes(address)),
    loseReplies(toLose: number) {
      replies = { toLose };
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
