import { setTimeout as pause } from 'node:timers/promises';
import { Connection, type ConnectionOptions } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time';
import { messageOf } from '../guard/error-code.ts';
import { hasGrpcCode, isTemporalDown } from '../history/grpc.ts';
import { sagaStateKey, sagaStepKey, sagaTypeKey } from '../saga/state.ts';
import { isTooOld, leastTemporal } from './temporal-version.ts';

type Log = (line: string) => void;

export const searchAttributes = [sagaTypeKey, sagaStateKey, sagaStepKey].map(({ name }) => name);

/** How long closed workflows stay readable in a namespace that Unwind creates. */
export const retention = '30 days';

// temporal.api.enums.v1.IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD
const keyword = 2;

const isInvalid = (error: unknown) => hasGrpcCode(error, 'invalidArgument');
const isMissing = (error: unknown) => hasGrpcCode(error, 'notFound');

/** Creates the namespace if it is missing. `setBy` is what an error tells the user to correct. */
export async function prepareNamespace(
  options: ConnectionOptions,
  namespace: string,
  log: Log,
  setBy = 'TEMPORAL_ADDRESS',
): Promise<void> {
  const connection = Connection.lazy(options);
  const { workflowService, operatorService } = connection;
  try {
    const exists = await connection.withDeadline(Date.now() + 5_000, () =>
      workflowService.describeNamespace({ namespace }).then(
        () => true,
        (error: unknown) => {
          if (isMissing(error)) return false;
          throw isTemporalDown(error) ? noAnswer(options, setBy, error) : error;
        },
      ),
    );
    if (exists) return;
    const workflowExecutionRetentionPeriod = msToTs(retention);
    await workflowService
      .registerNamespace({ namespace, workflowExecutionRetentionPeriod })
      .catch((error: unknown) => {
        if (hasGrpcCode(error, 'alreadyExists')) return;
        throw new Error(
          `the namespace ${namespace} is missing and cannot be created (${messageOf(error)}). ` +
            `Create it: temporal operator namespace create --retention 720h --namespace ${namespace}`,
          { cause: error },
        );
      });
    await retryWhile(isMissing, () => operatorService.listSearchAttributes({ namespace }));
    log(`Temporal: created the namespace ${namespace}, which keeps closed workflows for ${retention}`);
  } finally {
    await connection.close();
  }
}

/** Registers the search attributes by which sagas are found, and waits until they are usable. Throws if Temporal is too old. */
export async function prepareTemporal(
  options: ConnectionOptions,
  namespace: string,
  log: Log,
  setBy = 'TEMPORAL_ADDRESS',
): Promise<void> {
  const connection = await connect(options, setBy);
  try {
    await refuseOld(connection, options);
    await registerSearchAttributes(connection, namespace, log);
  } finally {
    await connection.close();
  }
}

async function refuseOld({ workflowService }: Connection, { address }: ConnectionOptions): Promise<void> {
  const { serverVersion } = await workflowService.getSystemInfo({});
  if (isTooOld(serverVersion))
    throw new Error(
      `Temporal at ${address} is version ${serverVersion}: Unwind needs ${leastTemporal} or newer`,
    );
}

async function registerSearchAttributes(connection: Connection, namespace: string, log: Log): Promise<void> {
  try {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    const wrong = searchAttributes.filter((name) => ![undefined, keyword].includes(customAttributes[name]));
    if (wrong.length > 0) throw new Error(`${wrong.join(', ')} exist with another type than Keyword`);
    const missing = searchAttributes.filter((name) => customAttributes[name] === undefined);
    if (missing.length > 0)
      await connection.operatorService.addSearchAttributes({
        namespace,
        searchAttributes: Object.fromEntries(missing.map((name) => [name, keyword])),
      });
    const query = searchAttributes.map((name) => `${name} is null`).join(' and ');
    await retryWhile(isInvalid, () =>
      connection.workflowService.countWorkflowExecutions({ namespace, query }),
    );
    if (missing.length > 0) log(`Temporal: registered the search attributes ${missing.join(', ')}`);
  } catch (error) {
    throw new Error(
      `Temporal's search attributes cannot be prepared (${messageOf(error)}). ` +
        `Register them, then try again:\n  ${registerCommand(namespace)}\n` +
        '(On Temporal Cloud: tcld namespace search-attributes add, or its web console.)',
    );
  }
}

function registerCommand(namespace: string): string {
  const attributes = searchAttributes.map((name) => `--name ${name} --type Keyword`).join(' ');
  return `temporal operator search-attribute create --namespace ${namespace} ${attributes}`;
}

async function connect(options: ConnectionOptions, setBy: string): Promise<Connection> {
  try {
    return await Connection.connect({ connectTimeout: '10s', ...options });
  } catch (error) {
    throw noAnswer(options, setBy, error);
  }
}

const noAnswer = ({ address }: ConnectionOptions, setBy: string, cause: unknown) =>
  new Error(
    `Temporal at ${address} does not answer (${messageOf(cause)}). ` +
      `Start it, or correct ${setBy}. Without it, npm start runs a Temporal server of its own.`,
    { cause },
  );

/** The server knows what was just registered only after it has refreshed its caches. */
async function retryWhile(notYet: (error: unknown) => boolean, call: () => Promise<unknown>): Promise<void> {
  const deadline = Date.now() + 90_000;
  for (;;) {
    try {
      return void (await call());
    } catch (error) {
      if (!notYet(error) || Date.now() > deadline) throw error;
    }
    await pause(250);
  }
}
