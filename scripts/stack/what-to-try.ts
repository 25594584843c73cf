import type { Config } from '../../src/config.ts';

interface Running {
  url: string;
  auth: Config['auth'];
  services: Config['servicePorts'];
  temporal: Config['temporal'];
  cli: string;
  worker: number | undefined;
  mail: Config['mail'];
  logs: string;
}

/** The addresses of what runs, and commands to try. */
export function whatToTry(running: Running): string {
  const { url, services, temporal, auth, mail, logs } = running;
  return `
API          ${url}
API docs     ${url}/docs
Services     ${addresses(services)}
Temporal UI  ${temporal.uiUrl}
Logs         ${logs}
Mail         ${mail.smtpUrl === undefined ? mail.outbox : 'by SMTP_URL'}

${auth === 'on' ? logIn(running) : threeThings(running)}

Ctrl-C stops everything; npm run reset starts over.`;
}

const logIn = ({
  url,
}: Running) => `AUTH is on, so the two demonstrations are skipped: they have no account. In another terminal:

1. Make the first admin, and keep the password that is printed:

   npm run admin -- --email you@example.com

2. Log in, and send the access_token with each request:

   curl -s ${url}/api/account/auth/login -d '{"email":"you@example.com","password":"PASSWORD"}'
   curl -s ${url}/sagas -H 'Authorization: Bearer ACCESS_TOKEN'`;

function threeThings({ url, temporal, worker, ...running }: Running): string {
  const cli = quoted(running.cli);
  const server = `--address ${temporal.connection.address} --namespace ${temporal.namespace}`;
  return `Three things to try, in another terminal:

1. An application without an income, which waits for an underwriter:

   curl -s ${url}/sagas/mortgage-origination -H 'content-type: application/json' \\
     -d '{"customer":{"name":"Katherine Johnson","email":"katherine@example.com"},"loan_amount":300000,"property_value":600000,"interest_rate":4,"term_years":25}'

2. Kill the worker while the saga waits (it is restarted at once), and look at the saga by its saga_id:

   kill -9 ${worker ?? 'WORKER_PID'}
   curl -s ${url}/sagas/SAGA_ID

3. As the underwriter, decide by a signal; or cancel the saga, and see it undone:

   ${cli} workflow signal ${server} --workflow-id mortgage-origination-SAGA_ID --name decide \\
     --input '{"approved":true,"by":"you","reason":"known to us"}'
   ${cli} workflow cancel ${server} --workflow-id mortgage-origination-SAGA_ID`;
}

/** As a word of a POSIX shell. */
const quoted = (path: string) =>
  /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;

const addresses = (services: Config['servicePorts']) =>
  Object.entries(services)
    .filter(([, port]) => port !== 0)
    .map(([name, port]) => `${name} http://127.0.0.1:${port}`)
    .join(', ');
