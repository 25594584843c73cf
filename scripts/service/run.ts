import { resourceServices } from '../../src/api/app.ts';
import { orExit } from '../../src/cli/or-exit.ts';
import { named, whyUnusable } from '../../src/cli/why-unusable.ts';
import { loadStackConfig } from '../../src/config-stack.ts';
import { checkServers } from '../../src/migrate/check-servers.ts';
import { prepareDatabase } from '../../src/migrate/prepare-databases.ts';
import { portVariableOf, variableOf } from '../../src/service-names.ts';
import { databasesOf } from '../../src/worker/start-workers.ts';
import { checkPorts } from '../stack/ports.ts';

const [, , ...names] = process.argv;

/** Runs one service: its resources on its port, and its steps. Uses the servers of npm start unless others are given. */
await orExit(async () => {
  const service = resourceServices.find((service) => names.length === 1 && service === names[0]);
  if (!service) throw new Error(`name one service: npm run service ${resourceServices.join(' | ')}`);
  const { forChildren, config } = loadStackConfig();
  Object.assign(process.env, forChildren);
  const port = config.servicePorts[service];
  const variable = portVariableOf(service);
  await checkPorts([{ port, host: '127.0.0.1', wantedBy: `the ${service} service`, variable }]);
  const databases = databasesOf([service], config);
  for (const name of databases)
    await prepareDatabase(name, config.databases[name], console.log).catch((error: unknown) => {
      const whenAway = `Start Unwind (npm start), or set ${variableOf(name)}.`;
      throw new Error(whyUnusable(error, named(config, [name]), whenAway));
    });
  await checkServers(
    databases.map((name) => config.databases[name]),
    console.log,
  );
  await import('../../src/worker.ts');
});
