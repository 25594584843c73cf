import { resourceServices } from '../../src/api/app.ts';
import { loadConfig } from '../../src/config.ts';
import { isConnectionError } from '../../src/guard/connection-error.ts';
import { prepareDatabases } from '../../src/guard/migrate.ts';

const [, , ...names] = process.argv;
const chosen = resourceServices.find((service) => names.length === 1 && service === names[0]);

if (chosen) await run(chosen);
else fail(`say which service: npm run service ${resourceServices.join(' | ')}`);

/** One service alone: its resources on its port, and its steps. */
async function run(service: (typeof resourceServices)[number]) {
  const { databases } = loadConfig();
  try {
    await prepareDatabases({ [service]: databases[service] }, (line) => console.log(line));
  } catch (error) {
    if (!isConnectionError(error)) throw error;
    const own = `${service.toUpperCase()}_DATABASE_URL`;
    return fail(`Postgres at ${new URL(databases[service]).host} cannot be reached: start it, or set ${own}`);
  }
  await import('../../src/worker.ts');
}

function fail(message: string) {
  console.error(message);
  process.exitCode = 1;
}
