import type { loadStackConfig } from '../../src/config-stack.ts';
import { portVariableOf } from '../../src/service-names.ts';
import type { PortWish } from './ports.ts';

type Stack = ReturnType<typeof loadStackConfig>;

/** The ports of all processes of `npm start`. */
export function wantedPorts({
  postgres,
  temporal,
  config: { host, port, metricsPorts, servicePorts },
}: Stack): PortWish[] {
  const local = '127.0.0.1';
  return [
    ...(postgres
      ? [{ port: postgres.port, host: local, wantedBy: 'Postgres', variable: 'POSTGRES_PORT' }]
      : []),
    ...(temporal
      ? [{ port: temporal.port, host: local, wantedBy: 'Temporal', variable: 'TEMPORAL_PORT' }]
      : []),
    ...(temporal
      ? [{ port: temporal.uiPort, host: local, wantedBy: "Temporal's Web UI", variable: 'TEMPORAL_UI_PORT' }]
      : []),
    { port, host, wantedBy: 'the API', variable: 'PORT', hostVariable: 'HOST' },
    ...Object.entries(servicePorts).map(([service, port]) => ({
      port,
      host: local,
      wantedBy: `the ${service} service`,
      variable: portVariableOf(service),
    })),
    { port: metricsPorts.api, host: local, wantedBy: "the API's metrics", variable: 'API_METRICS_PORT' },
    {
      port: metricsPorts.worker,
      host: local,
      wantedBy: "the worker's metrics",
      variable: 'WORKER_METRICS_PORT',
    },
  ];
}
