import { createTransport } from 'nodemailer';
import { type Deliver, messageOf, type Sender } from './mail.ts';
import { Outage } from './reaction.ts';

/** Milliseconds: together below a reaction's lease, also after its queries. */
const timeouts = {
  dnsTimeout: 5_000,
  connectionTimeout: 5_000,
  greetingTimeout: 5_000,
  socketTimeout: 10_000,
};
const allWithinMs = 15_000;

/** One connection a mail: a server that was away is found again, and one mail's failure is no other's. */
export function bySmtp(url: string, from: Sender): Deliver {
  const transport = createTransport({ ...timeouts, url });
  return async (mail) => {
    const signal = AbortSignal.timeout(allWithinMs);
    try {
      await transport.sendMail({ ...messageOf(mail, from), signal });
    } catch (error) {
      throw failure(error);
    }
  };
}

/** SMTP: the service is not available. */
const closing = 421;

/** Without what the server says: it repeats the address. */
function failure(error: unknown): Error {
  const { code, responseCode, command } = detailsOf(error);
  if (responseCode !== undefined && responseCode !== closing)
    return new Error(`the mail server answered ${command} with ${responseCode}`);
  const isAway =
    responseCode === closing || isSystemError(error) || code === 'ETIMEDOUT' || code === 'EABORT';
  if (isAway) return new Outage(`the mail server cannot be reached (${code})`);
  return new Error(`the mail cannot be sent (${code})`);
}

const isSystemError = (error: unknown) => error instanceof Error && 'errno' in error;

function detailsOf(error: unknown) {
  const of = (name: string): unknown =>
    error instanceof Error && name in error ? Reflect.get(error, name) : undefined;
  const [code, responseCode, command] = [of('code'), of('responseCode'), of('command')];
  return {
    code: String(of('originalCode') ?? code ?? 'unknown'),
    responseCode: typeof responseCode === 'number' ? responseCode : undefined,
    command: typeof command === 'string' ? command : 'nothing',
  };
}
