import type { Config } from '../../src/config.ts';

interface Running {
  url: string;
  services: Config['servicePorts'];
  temporal: Config['temporal'];
  cli: string;
  worker: number | undefined;
  mail: Config['mail'];
  logs: string;
}

/** The addresses, and three things to type. */
export function whatToTry({ url, services, temporal, cli, worker, mail, logs }: Running): string {
  const server = `--address ${temporal.connection.address} --namespace ${temporal.namespace}`;
  return `
API          ${url}
Services     ${addresses(services)}
Temporal UI  ${temporal.uiUrl}
Logs         ${logs}
Mail         ${mail.smtpUrl === undefined ? mail.outbox : 'by SMTP_URL'}

Three things to try, in another terminal:

1. An application without an income, which waits for an underwriter:

   curl -s ${url}/sagas/mortgage-origination -H 'content-type: application/json' \\
     -d '{"customer":{"name":"Grace Hopper","email":"grace@example.com"},"loan_amount":300000,"property_value":600000,"interest_rate":4,"term_years":25}'

2. Kill the worker while it waits (it is back at once), and look at the saga with the saga_id that you got:

   kill -9 ${worker ?? 'WORKER_PID'}
   curl -s ${url}/sagas/SAGA_ID

3. Decide, as the underwriter, with a signal; or cancel, and see it undone:

   ${cli} workflow signal ${server} --workflow-id mortgage-origination-SAGA_ID --name decide \\
     --input '{"approved":true,"by":"you","reason":"known to us"}'
   ${cli} workflow cancel ${server} --workflow-id mortgage-origination-SAGA_ID

Ctrl-C stops everything; npm run reset starts over.`;
}

const addresses = (services: Config['servicePorts']) =>
  Object.entries(services)
    .filter(([, port]) => port !== 0)
    .map(([name, port]) => `${name} http://127.0.0.1:${port}`)
    .join(', ');
