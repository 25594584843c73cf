import { resourceServices } from '../../src/api/app.ts';
import { loadStackConfig } from '../../src/config-stack.ts';
import { prepareDatabases } from '../../src/guard/migrate.ts';
import { hostsOf, messageOf, whyUnusable } from '../../src/why-unusable.ts';
import { checkPorts } from '../stack/ports.ts';

const [, , ...names] = process.argv;
const chosen = resourceServices.find((service) => names.length === 1 && service === names[0]);

try {
  if (!chosen) throw new Error(`say which service: npm run service ${resourceServices.join(' | ')}`);
  await run(chosen);
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}

/** One service alone: its resources on its port, and its steps. On the servers of npm start, unless others are named. */
async function run(service: (typeof resourceServices)[number]) {
  const { forChildren, config } = loadStackConfig();
  Object.assign(process.env, forChildren);
  const name = service.toUpperCase();
  const port = config.servicePorts[service];
  const wish = { port, host: '127.0.0.1', wantedBy: `the ${service} service`, variable: `${name}_PORT` };
  await checkPorts([wish]);
  const url = config.databases[service];
  await prepareDatabases({ [service]: url }, (line) => console.log(line)).catch((error: unknown) => {
    throw new Error(
      whyUnusable(error, hostsOf([url]), `Start Unwind (npm start), or set ${name}_DATABASE_URL.`),
    );
  });
  await import('../../src/worker.ts');
}
