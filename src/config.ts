import { loadClientConnectConfig } from '@temporalio/envconfig';
import { z } from 'zod';
import { messageOf } from './guard/error-code.ts';
import { failpointSchema } from './guard/failpoints.ts';
import { money } from './money/money.ts';
import { duration, milliseconds } from './saga/duration.ts';
import { type DatabaseName, databaseNames, eachDatabase, variableOf } from './service-names.ts';

/** The Postgres server that `npm start` runs. */
export const embeddedDatabaseUrl = (port: number) => `postgres://unwind:unwind@127.0.0.1:${port}`;

const loopback = ['127.0.0.1', '::1', 'localhost'];

/** With `least` 0, port 0 turns the listener off. */
export function port(fallback: number, least = 1) {
  const notAPort = `must be a port, ${least} to 65535`;
  return z.coerce.number(notAPort).int(notAPort).min(least, notAPort).max(65535, notAPort).default(fallback);
}
const postgresUrl = z.url({
  protocol: /^postgres(ql)?$/,
  error: 'must be a URL postgres://user:password@host:port',
});
const databaseIn = (url: string) => (URL.canParse(url) ? new URL(url).pathname.slice(1) : '');
const serverUrl = postgresUrl.refine((url) => ['', 'postgres'].includes(databaseIn(url)), {
  error: `must name a server and no database: each service has its own. To choose one, set ${variableOf('customer')}, …`,
});
const webUrl = z.url({ protocol: /^https?$/, error: 'must be a URL http://… or https://…' });
/** Without a trailing slash: paths are appended. */
const baseUrl = webUrl.transform((url) => url.replace(/\/+$/, ''));
const oneOf = <const T extends readonly [string, ...string[]]>(...choices: T) =>
  z.enum(choices, { error: `must be ${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}` });

const jsonText = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'must be JSON' });
    return z.NEVER;
  }
});

const mailbox = z.string().transform((text, context) => {
  const [, name = '', bracketed, bare] =
    /^(?:([^<>"\p{Cc}]*?)\s*<([^\s<>@]+@[^\s<>@]+)>|([^\s<>@]+@[^\s<>@]+))$/u.exec(text) ?? [];
  const address = bracketed ?? bare;
  if (address !== undefined) return { name, address };
  context.addIssue({ code: 'custom', message: 'must be an e-mail address, or: Name <address>' });
  return z.NEVER;
});

const environment = z
  .object({
    PORT: port(3000),
    HOST: z.string().min(1).default('127.0.0.1'),
    API_URL: baseUrl.optional(),
    CUSTOMER_PORT: port(8081, 0),
    MORTGAGE_PORT: port(8082, 0),
    LOAN_PORT: port(8083, 0),
    SERVICE_TOKEN: z
      .string()
      .regex(/^[!-~]+$/, 'must be ASCII characters without spaces')
      .optional(),
    API_METRICS_PORT: port(9464, 0),
    WORKER_METRICS_PORT: port(9465, 0),
    DATABASE_URL: serverUrl.default(embeddedDatabaseUrl(54329)),
    ...Object.fromEntries(databaseNames.map((name) => [variableOf(name), postgresUrl.optional()])),
    TEMPORAL_UI_URL: baseUrl.default('http://127.0.0.1:8233'),
    NODE_ENV: z.string().default('development'),
    AUTH: oneOf('on', 'off').optional(),
    KEEP_SAGAS_FOR: duration
      .refine((text) => milliseconds(text) >= milliseconds('P1D'), {
        error: 'must be at least P1D: once a key is deleted, sending it again starts another saga',
      })
      .optional(),
    ALERT_AFTER: duration.default('PT5M'),
    ALERT_WEBHOOK_URL: webUrl.optional(),
    SMTP_URL: z
      .url({ protocol: /^smtps?$/, error: 'must be a URL smtp://user:password@host:port, or smtps://…' })
      .optional(),
    MAIL_FROM: mailbox.prefault('Unwind <unwind@localhost>'),
    MAIL_OUTBOX: z.string().optional(),
    LENDING_LIMIT: money.default(200_000_000n),
    FAILPOINTS: jsonText.pipe(z.array(failpointSchema)).default([]),
    LOG_LEVEL: oneOf('trace', 'debug', 'info', 'warn', 'error', 'silent').default('info'),
    WORKFLOW_BUNDLE: z.string().optional(),
    PLACEMENT: oneOf('apart', 'together').default('apart'),
    CALL_STACKS: oneOf('on', 'off').default('off'),
  })
  .superRefine((env, context) => {
    const production = env.NODE_ENV === 'production';
    const complain = (name: string, message: string) =>
      context.addIssue({ code: 'custom', path: [name], message });
    if (production && env.FAILPOINTS.length > 0)
      complain('FAILPOINTS', 'is refused when NODE_ENV is production');
    if (env.AUTH === 'off' && !mayBeOff(env))
      complain('AUTH', 'may be off only while HOST is loopback and NODE_ENV is not production');
  });

/** Every variable that is read here. */
export const variableNames: string[] = Object.keys(environment.shape);

/** AUTH may be off only where only users of this machine can call. */
const mayBeOff = ({ HOST, NODE_ENV }: { HOST: string; NODE_ENV: string }) =>
  NODE_ENV !== 'production' && loopback.includes(HOST);

export type Config = ReturnType<typeof loadConfig>;

/** Throws a `ConfigError` that lists every problem. */
export function loadConfig(variables: NodeJS.ProcessEnv = process.env) {
  const { given, env } = readVariables(environment, variables);
  const temporal = temporalConfig(given);
  return {
    port: env.PORT,
    host: env.HOST,
    /** The API as clients reach it, for links. */
    url: env.API_URL ?? httpUrl(env.HOST, env.PORT),
    /** The API as this machine reaches it. */
    localUrl: httpUrl(isEveryAddress(env.HOST) ? '127.0.0.1' : env.HOST, env.PORT),
    /** While it is off, a caller without a token acts as admin. */
    auth: env.AUTH ?? (mayBeOff(env) ? 'off' : 'on'),
    /** Each service's own resources, on loopback; 0 turns one off. */
    servicePorts: { customer: env.CUSTOMER_PORT, mortgage: env.MORTGAGE_PORT, loan: env.LOAN_PORT },
    /** The bearer token that those ports require. */
    serviceToken: env.SERVICE_TOKEN,
    /** Ports for Prometheus, on loopback; 0 turns one off. */
    metricsPorts: { api: env.API_METRICS_PORT, worker: env.WORKER_METRICS_PORT },
    databases: eachDatabase((name) => {
      const own = given[variableOf(name)];
      return own && databaseIn(own) ? own : onServer(own ?? env.DATABASE_URL, name);
    }),
    /** The variable that sets each of them. */
    databaseVariables: eachDatabase((name) => (given[variableOf(name)] ? variableOf(name) : 'DATABASE_URL')),
    temporal: { ...temporal, uiUrl: env.TEMPORAL_UI_URL },
    /** ISO 8601: the least time that a saga's key and events are kept; undefined keeps them forever. */
    keepSagasFor: env.KEEP_SAGAS_FOR,
    alerts: { after: env.ALERT_AFTER, webhookUrl: env.ALERT_WEBHOOK_URL },
    /** E-mail to customers: sent by SMTP, written to a folder, or only logged. */
    mail: { smtpUrl: env.SMTP_URL, from: env.MAIL_FROM, outbox: env.MAIL_OUTBOX },
    lendingLimit: env.LENDING_LIMIT,
    failpoints: env.FAILPOINTS,
    logLevel: env.LOG_LEVEL,
    workflowBundle: env.WORKFLOW_BUNDLE,
    /** `together`: the API's process also runs the workers, and the sagas it starts run their steps there. */
    placement: env.PLACEMENT,
    /** `on`: Temporal's Web UI shows the line of code at which a workflow waits. */
    callStacks: env.CALL_STACKS,
  };
}

/** The variables that are not empty, raw and parsed. Throws a `ConfigError`. */
export function readVariables<S extends z.ZodType>(schema: S, variables: NodeJS.ProcessEnv) {
  const given = Object.fromEntries(
    Object.entries(variables).filter((entry): entry is [string, string] => Boolean(entry[1])),
  );
  const parsed = schema.safeParse(given);
  if (parsed.success) return { given, env: parsed.data };
  throw new ConfigError(parsed.error.issues.map((i) => `${i.path.join('.')} ${i.message}`));
}

const isEveryAddress = (host: string) => ['0.0.0.0', '::'].includes(host);

const httpUrl = (host: string, port: number) => `http://${host.includes(':') ? `[${host}]` : host}:${port}`;

class ConfigError extends Error {
  override name = 'ConfigError';
  constructor(problems: string[]) {
    super(`The configuration cannot be used:\n${problems.map((p) => `  - ${p}`).join('\n')}`);
  }
}

function onServer(serverUrl: string, name: DatabaseName): string {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}

function temporalConfig(variables: Record<string, string>) {
  const { connectionOptions, namespace } = readTemporal(variables);
  const { address = '127.0.0.1:7233' } = connectionOptions;
  const fromFile = connectionOptions.address && !variables.TEMPORAL_ADDRESS;
  return {
    connection: { ...connectionOptions, ...connectionTo(address) },
    namespace: namespace ?? 'default',
    /** What sets the address, as messages name it. */
    setBy: fromFile ? `the address in ${temporalConfigFile(variables)}` : 'TEMPORAL_ADDRESS',
  };
}

/** As Temporal's envconfig finds it. */
function temporalConfigFile({ TEMPORAL_CONFIG_FILE, XDG_CONFIG_HOME = '~/.config' }: Record<string, string>) {
  const folders: Record<string, string> = { darwin: '~/Library/Application Support', win32: '%AppData%' };
  return TEMPORAL_CONFIG_FILE ?? `${folders[process.platform] ?? XDG_CONFIG_HOME}/temporalio/temporal.toml`;
}

/** A server on this machine: without http_proxy, which gRPC would use for loopback too, and without compression. */
export const connectionTo = (address: string) => ({
  address,
  ...(/^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(address) && {
    channelArgs: { 'grpc.enable_http_proxy': 0 },
    grpcCompression: { codec: 'none' } as const,
  }),
});

/** Reads the environment and Temporal's own config file. Throws a `ConfigError`. */
export function readTemporal(variables: Record<string, string>) {
  try {
    return loadClientConnectConfig({ overrideEnvVars: variables });
  } catch (error) {
    throw new ConfigError([`TEMPORAL_… or the Temporal config file: ${messageOf(error)}`]);
  }
}
