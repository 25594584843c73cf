import { Connection, type ConnectionOptions } from '@temporalio/client';
import type { Log } from './progress.ts';

export const searchAttributes = ['SagaType', 'SagaState', 'SagaStep'] as const;

// temporal.api.enums.v1.IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD
const keyword = 2;

/** Sagas are found by these search attributes: registers what is missing, on an existing server too. */
export async function prepareTemporal(
  options: ConnectionOptions,
  namespace: string,
  log: Log,
): Promise<void> {
  const connection = await connect(options);
  try {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    const wrong = searchAttributes.filter((name) => ![undefined, keyword].includes(customAttributes[name]));
    if (wrong.length > 0) throw new Error(`${wrong.join(', ')} exist with another type than Keyword`);
    const missing = searchAttributes.filter((name) => customAttributes[name] === undefined);
    if (missing.length === 0) return;
    await connection.operatorService.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(missing.map((name) => [name, keyword])),
    });
    log(`Temporal: registered the search attributes ${missing.join(', ')}`);
  } catch (error) {
    throw new Error(
      `Temporal's search attributes cannot be made ready (${error instanceof Error ? error.message : error}). ` +
        `Register them, then try again:\n  ${registerCommand(namespace)}\n` +
        '(On Temporal Cloud: tcld namespace search-attributes add, or its web console.)',
    );
  } finally {
    await connection.close();
  }
}

function registerCommand(namespace: string): string {
  const attributes = searchAttributes.map((name) => `--name ${name} --type Keyword`).join(' ');
  return `temporal operator search-attribute create --namespace ${namespace} ${attributes}`;
}

async function connect(options: ConnectionOptions): Promise<Connection> {
  try {
    return await Connection.connect({ connectTimeout: '10s', ...options });
  } catch (error) {
    throw new Error(
      `Temporal at ${options.address} does not answer (${error instanceof Error ? error.message : error}). ` +
        'Start it, or correct TEMPORAL_ADDRESS; unset, npm start brings one along.',
    );
  }
}
