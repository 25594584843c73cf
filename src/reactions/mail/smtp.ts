import { createTransport, type Transporter } from 'nodemailer';
import { within } from '../../guard/within.ts';
import { Outage } from '../reaction.ts';
import { type Deliver, type Sender, toMessage } from './mail.ts';

/** Milliseconds. With the reaction's queries they stay below its lease. */
const timeouts = {
  dnsTimeout: 5_000,
  connectionTimeout: 5_000,
  greetingTimeout: 5_000,
  socketTimeout: 10_000,
};
const totalTimeoutMs = 15_000;
const greetingTimeoutMs = 3_000;

/** One connection per mail, so that failures stay independent. */
export function bySmtp(url: string, from: Sender): Deliver {
  const transport = createTransport({ ...timeouts, url });
  return async (mail) => {
    const signal = AbortSignal.timeout(totalTimeoutMs);
    try {
      await transport.sendMail({ ...toMessage(mail, from), signal });
    } catch (error) {
      throw failure(error, hungUp(error) && !(await greets(transport)));
    }
  };
}

/** SMTP: service not available. */
const closing = 421;

/** The connection closed without a response: no server behind a load balancer, or this mail crashed it. */
function hungUp(error: unknown): boolean {
  const { code, responseCode } = detailsOf(error);
  return responseCode === undefined && (code === 'ECONNECTION' || code === 'ECONNRESET');
}

const greets = (transport: Pick<Transporter, 'verify'>): Promise<boolean> =>
  within(greetingTimeoutMs, transport.verify()).then(
    () => true,
    () => false,
  );

/** Omits the server's text, which repeats the address. */
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
