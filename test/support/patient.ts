// A worker, or a server with its workers, in which a step that hangs does so for as long as a busy machine may need to
// kill it.
import * as sagas from '../../src/workflows/sagas.ts';

for (const { definition } of Object.values(sagas))
  for (const { retry, undoRetry } of definition.steps) {
    Object.assign(retry, { timeout: 15_000 });
    Object.assign(undoRetry, { timeout: 15_000 });
  }

await (process.env['PLACEMENT'] === 'together'
  ? import('../../src/server.ts')
  : import('../../src/worker.ts'));
