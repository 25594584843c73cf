import { loadClientConnectConfig } from '@temporalio/envconfig';
import { z } from 'zod';
import { failpointSchema } from './guard/failpoints.ts';
import { money } from './money/money.ts';
import { duration, milliseconds } from './saga/duration.ts';

/** Each with a database and a task queue of its name. */
export const serviceNames = [
  'customer',
  'mortgage',
  'loan',
  'product',
  'order',
  'payment',
  'delivery',
] as const;
export const databaseNames = [...serviceNames, 'unwind'] as const;
export type DatabaseName = (typeof databaseNames)[number];
export type ServiceName = (typeof serviceNames)[number];

/** Something for each service, as `make` makes it. */
export const eachService = <T>(make: (service: ServiceName) => T): Record<ServiceName, T> => ({
  customer: make('customer'),
  mortgage: make('mortgage'),
  loan: make('loan'),
  product: make('product'),
  order: make('order'),
  payment: make('payment'),
  delivery: make('delivery'),
});

/** The Postgres server that `npm start` brings along. */
export const embeddedDatabaseUrl = (port: number) => `postgres://unwind:unwind@127.0.0.1:${port}`;

const loopback = ['127.0.0.1', '::1', 'localhost'];
/** 0, where it may be that, is none. */
export function port(fallback: number, least = 1) {
  const notAPort = `must be a port, ${least} to 65535`;
  return z.coerce.number(notAPort).int(notAPort).min(least, notAPort).max(65535, notAPort).default(fallback);
}
const postgresUrl = z.url({
  protocol: /^postgres(ql)?$/,
  error: 'must be a URL postgres://user:password@host:port',
});

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
    API_URL: z.url({ protocol: /^https?$/, error: 'must be a URL http://… or https://…' }).optional(),
    CUSTOMER_PORT: port(8081, 0),
    MORTGAGE_PORT: port(8082, 0),
    LOAN_PORT: port(8083, 0),
    SERVICE_TOKEN: z.string().optional(),
    API_METRICS_PORT: port(9464, 0),
    WORKER_METRICS_PORT: port(9465, 0),
    DATABASE_URL: postgresUrl.default(embeddedDatabaseUrl(54329)),
    CUSTOMER_DATABASE_URL: postgresUrl.optional(),
    MORTGAGE_DATABASE_URL: postgresUrl.optional(),
    LOAN_DATABASE_URL: postgresUrl.optional(),
    PRODUCT_DATABASE_URL: postgresUrl.optional(),
    ORDER_DATABASE_URL: postgresUrl.optional(),
    PAYMENT_DATABASE_URL: postgresUrl.optional(),
    DELIVERY_DATABASE_URL: postgresUrl.optional(),
    UNWIND_DATABASE_URL: postgresUrl.optional(),
    TEMPORAL_UI_URL: z.url().default('http://127.0.0.1:8233'),
    NODE_ENV: z.string().default('development'),
    AUTH: z.enum(['on', 'off']).optional(),
    KEEP_SAGAS_FOR: duration
      .refine((text) => milliseconds(text) >= milliseconds('P1D'), {
        error: 'must be at least P1D: the key of a saga that is forgotten starts another one',
      })
      .optional(),
    ALERT_AFTER: duration.default('PT5M'),
    ALERT_WEBHOOK_URL: z
      .url({ protocol: /^https?$/, error: 'must be a URL http://… or https://…' })
      .optional(),
    SMTP_URL: z
      .url({ protocol: /^smtps?$/, error: 'must be a URL smtp://user:password@host:port, or smtps://…' })
      .optional(),
    MAIL_FROM: mailbox.prefault('Unwind <unwind@localhost>'),
    MAIL_OUTBOX: z.string().optional(),
    LENDING_LIMIT: money.default(200_000_000n),
    FAILPOINTS: jsonText.pipe(z.array(failpointSchema)).default([]),
    LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
    WORKFLOW_BUNDLE: z.string().optional(),
    PLACEMENT: z.enum(['apart', 'together']).default('apart'),
    CALL_STACKS: z.enum(['on', 'off']).default('off'),
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

/** Where nobody but the machine's own users can call. */
const mayBeOff = ({ HOST, NODE_ENV }: { HOST: string; NODE_ENV: string }) =>
  NODE_ENV !== 'production' && loopback.includes(HOST);

export type Config = ReturnType<typeof loadConfig>;

/** Reads the environment once. Throws a `ConfigError` that lists every problem. */
export function loadConfig(variables: NodeJS.ProcessEnv = process.env) {
  const { given, env } = readVariables(environment, variables);
  const database = (name: DatabaseName, own?: string) => own ?? onServer(env.DATABASE_URL, name);
  const temporal = temporalConfig(given);
  return {
    port: env.PORT,
    host: env.HOST,
    /** Of the API, without a slash at its end. */
    url:
      env.API_URL?.replace(/\/+$/, '') ??
      `http://${env.HOST.includes(':') ? `[${env.HOST}]` : env.HOST}:${env.PORT}`,
    /** Whether whoever calls must log in; while it is off, who sends no token acts as admin. */
    auth: env.AUTH ?? (mayBeOff(env) ? 'off' : 'on'),
    /** Of the services' own resources, on loopback; 0: none. */
    servicePorts: { customer: env.CUSTOMER_PORT, mortgage: env.MORTGAGE_PORT, loan: env.LOAN_PORT },
    /** The bearer token that those ask for. */
    serviceToken: env.SERVICE_TOKEN,
    /** Ports for Prometheus, on loopback; 0: none. */
    metricsPorts: { api: env.API_METRICS_PORT, worker: env.WORKER_METRICS_PORT },
    databases: {
      customer: database('customer', env.CUSTOMER_DATABASE_URL),
      mortgage: database('mortgage', env.MORTGAGE_DATABASE_URL),
      loan: database('loan', env.LOAN_DATABASE_URL),
      product: database('product', env.PRODUCT_DATABASE_URL),
      order: database('order', env.ORDER_DATABASE_URL),
      payment: database('payment', env.PAYMENT_DATABASE_URL),
      delivery: database('delivery', env.DELIVERY_DATABASE_URL),
      unwind: database('unwind', env.UNWIND_DATABASE_URL),
    } satisfies Record<DatabaseName, string>,
    temporal: { ...temporal, uiUrl: env.TEMPORAL_UI_URL },
    /** ISO 8601: so long a saga's key and events are kept, or longer; undefined: for ever. */
    keepSagasFor: env.KEEP_SAGAS_FOR,
    alerts: { after: env.ALERT_AFTER, webhookUrl: env.ALERT_WEBHOOK_URL },
    /** Of what customers are told: by SMTP, or into a folder, or not at all. */
    mail: { smtpUrl: env.SMTP_URL, from: env.MAIL_FROM, outbox: env.MAIL_OUTBOX },
    lendingLimit: env.LENDING_LIMIT,
    failpoints: env.FAILPOINTS,
    logLevel: env.LOG_LEVEL,
    workflowBundle: env.WORKFLOW_BUNDLE,
    /** `together`: the API's process works too, and the sagas that it starts run their steps there. */
    placement: env.PLACEMENT,
    /** `on`: Temporal's Web UI shows where in its code a workflow waits. */
    callStacks: env.CALL_STACKS,
  };
}

/** The variables that are not empty, and what `schema` makes of them. Throws the `ConfigError`. */
export function readVariables<S extends z.ZodType>(schema: S, variables: NodeJS.ProcessEnv) {
  const given = Object.fromEntries(
    Object.entries(variables).filter((entry): entry is [string, string] => Boolean(entry[1])),
  );
  const parsed = schema.safeParse(given);
  if (parsed.success) return { given, env: parsed.data };
  throw new ConfigError(parsed.error.issues.map((i) => `${i.path.join('.')} ${i.message}`));
}

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
  return {
    connection: { ...connectionOptions, ...connectionTo(connectionOptions.address ?? '127.0.0.1:7233') },
    namespace: namespace ?? 'default',
  };
}

/** To one on this machine neither by http_proxy, which the client's gRPC takes to count here too, nor compressed. */
export const connectionTo = (address: string) => ({
  address,
  ...(/^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(address) && {
    channelArgs: { 'grpc.enable_http_proxy': 0 },
    grpcCompression: { codec: 'none' } as const,
  }),
});

/** What the environment and Temporal's own config file say of its server. Throws the `ConfigError`. */
export function readTemporal(variables: Record<string, string>) {
  try {
    return loadClientConnectConfig({ overrideEnvVars: variables });
  } catch (error) {
    throw new ConfigError([
      `TEMPORAL_… or the Temporal config file: ${error instanceof Error ? error.message : error}`,
    ]);
  }
}
