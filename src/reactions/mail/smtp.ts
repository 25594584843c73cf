import { createTransport, type Transporter } from 'nodemailer';
import { within } from '../../guard/within.ts';
import { type Deliver, messageOf, type Sender } from './mail.ts';
import { Outage } from '../reaction.ts';

/** Milliseconds: together below a reaction's lease, also after its queries. */
const timeouts = {
  dnsTimeout: 5_000,
  connectionTimeout: 5_000,
  greetingTimeout: 5_000,
  socketTimeout: 10_000,
};
const allWithinMs = 15_000;
const greetingWithinMs = 3_000;

/** One connection a mail: a server that was away is found again, and one mail's failure is no other's. */
export function bySmtp(url: string, from: Sender): Deliver {
  const transport = createTransport({ ...timeouts, url });
  return async (mail) => {
    const signal = AbortSignal.timeout(allWithinMs);
    try {
      await transport.sendMail({ ...messageOf(mail, from), signal });
    } catch (error) {
      throw failure(error, hungUp(error) && !(await greets(transport)));
    }
  };
}

/** SMTP: the service is not available. */
const closing = 421;

/** Closed without a word: before its greeting, as by a balancer with no server behind it, or over this mail. */
function hungUp(error: unknown): boolean {
  const { code, responseCode } = detailsOf(error);
  return responseCode === undefined && (code === 'ECONNECTION' || code === 'ECONNRESET');
}

const greets = (transport: Pick<Transporter, 'verify'>): Promise<boolean> =>
  within(greetingWithinMs, transport.verify()).then(
    () => true,
    () => false,
  );

/** Without what the server says: it repeats the address. */
function failure(error: unknown, isDeaf: boolean): Error {
  const { code, responseCode, command } = detailsOf(error);
  if (responseCode !== undefined && responseCode !== closing)
    return new Error(`the mail server answered ${command} with ${responseCode}`);
  const isAway =
    isDeaf || responseCode === closing || isSystemError(error) || code === 'ETIMEDOUT' || code === 'EABORT';
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
