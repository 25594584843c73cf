import { createTransport, type Transporter } from 'nodemailer';
import { within } from '../../guard/within.ts';
import { Outage } from '../reaction.ts';
import { type Deliver, type Sender, toMessage } from './mail.ts';

const totalTimeoutMs = 15_000;
/** Milliseconds. With the reaction's queries they stay below its lease. */
const timeouts = {
  dnsTimeout: 5_000,
  connectionTimeout: 5_000,
  greetingTimeout: 5_000,
  socketTimeout: totalTimeoutMs,
};
const greetingTimeoutMs = 3_000;

/** One connection per mail, so that failures stay independent. */
export function bySmtp(url: string, from: Sender): Deliver {
  const transport = createTransport({ ...timeouts, url });
  return async (mail) => {
    const signal = AbortSignal.timeout(totalTimeoutMs);
    try {
      await transport.sendMail({ ...toMessage(mail, from), signal });
    } catch (error) {
      throw failure(error, await isAway(error, transport));
    }
  };
}

/** SMTP: service not available. */
const closing = 421;

/** Without a response: no server behind a load balancer, or one that this mail crashes or delays. */
const unanswered = ['ECONNECTION', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EABORT'];

async function isAway(error: unknown, transport: Pick<Transporter, 'verify'>): Promise<boolean> {
  const { code, responseCode } = detailsOf(error);
  if (responseCode === undefined && unanswered.includes(code)) return !(await greets(transport));
  return responseCode === closing || isSystemError(error);
}

const greets = (transport: Pick<Transporter, 'verify'>): Promise<boolean> =>
  within(greetingTimeoutMs, transport.verify()).then(
    () => true,
    () => false,
  );

/** Omits the server's text, which repeats the address. */
function failure(error: unknown, serverIsAway: boolean): Error {
  const { code, responseCode, command } = detailsOf(error);
  if (serverIsAway) return new Outage(`the mail server cannot be reached (${code})`);
  if (responseCode !== undefined)
    return new Error(`the mail server answered ${command} with ${responseCode}`);
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
