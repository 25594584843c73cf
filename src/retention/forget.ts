import type { Client } from '@temporalio/client';
import { tsToMs } from '@temporalio/common/lib/time';
import type { Database } from '../guard/database.ts';
import { forgetSent, unsentEvents, unsentSagas } from '../guard/outbox-forget.ts';
import { within } from '../guard/within.ts';
import { orGone } from '../history/grpc.ts';
import { milliseconds } from '../saga/duration.ts';
import { unwinderId, workflowId } from '../saga/state.ts';
import { type ServiceName, serviceNames } from '../service-names.ts';
import { forgetEvents, forgetSagas, type OldSaga, oldEvents, oldSagas } from '../services/registry/forget.ts';

export interface ForgetEnvironment {
  registry: Database;
  databases: Record<ServiceName, Database>;
  temporal: Client;
  now(): Date;
}

/** Counts of deleted rows. */
interface Forgotten {
  sagas: number;
  /** Events in the services' outboxes. */
  sent: number;
  /** Events in the registry that belong to no forgotten saga. */
  events: number;
}

const pageSize = 500;
const timeoutMs = 10_000;

/**
 * Deletes rows older than `keepFor` (ISO 8601): sent events, their reactions, and sagas with their keys, once Temporal
 * has deleted them too. Guard rows live as long as their effects. If a service's database is down, its events and all
 * sagas stay; `failures` has the errors.
 */
export async function forget(
  environment: ForgetEnvironment,
  keepFor: string,
  signal: AbortSignal,
): Promise<{ forgotten: Forgotten; failures: unknown[] }> {
  const forgotten: Forgotten = { sagas: 0, sent: 0, events: 0 };
  const before = new Date(environment.now().getTime() - milliseconds(keepFor));
  const pass: Pass = { before, signal, forgotten };
  const failures: unknown[] = [];
  const attempt = (work: Promise<void>) => work.catch((failure: unknown) => void failures.push(failure));
  for (const service of serviceNames) {
    await attempt(forgetRegistryEvents(service, environment, pass));
    await attempt(forgetSentEvents(environment.databases[service], pass));
  }
  if (failures.length === 0) await attempt(forgetOldSagas(environment, pass));
  return { forgotten, failures };
}

interface Pass {
  before: Date;
  signal: AbortSignal;
  forgotten: Forgotten;
}

async function forgetSentEvents(database: Database, { before, signal, forgotten }: Pass) {
  await eachPage(signal, async (after) => {
    const { count, next } = await within(timeoutMs, forgetSent(database, before, { after, limit: pageSize }));
    forgotten.sent += count;
    return next;
  });
}

/** Keeps events that may be redelivered, to deduplicate them. */
async function forgetRegistryEvents(
  service: ServiceName,
  { registry, databases }: ForgetEnvironment,
  { before, signal, forgotten }: Pass,
) {
  await eachPage(signal, async (after) => {
    const page = { after, limit: pageSize };
    const { ids, next } = await within(timeoutMs, oldEvents(registry, service, before, page));
    const unsent =
      ids.length > 0 ? await within(timeoutMs, unsentEvents(databases[service], ids, before)) : [];
    const gone = ids.filter((id) => !unsent.includes(id));
    if (gone.length > 0) await forgetEvents(registry, service, gone);
    forgotten.events += gone.length;
    return next;
  });
}

/** `work` returns the `after` of the next page, or null. */
async function eachPage(signal: AbortSignal, work: (after: number) => Promise<number | null>) {
  for (let after: number | null = 0; after !== null && !signal.aborted; ) after = await work(after);
}

async function forgetOldSagas(environment: ForgetEnvironment, { before: wanted, signal, forgotten }: Pass) {
  const retained = environment.now().getTime() - (await retentionMs(environment.temporal));
  const before = new Date(Math.min(wanted.getTime(), retained));
  const page = (after?: OldSaga) =>
    within(timeoutMs, oldSagas(environment.registry, before, { after, limit: pageSize }));
  for (let old = await page(); old.length > 0 && !signal.aborted; old = await page(old.at(-1))) {
    const gone = await endedLongAgo(environment, old, { before, signal });
    if (gone.length > 0) forgotten.sagas += await forgetSagas(environment.registry, gone);
  }
}

/** A younger saga is nearly always in Temporal still, so it need not be asked. */
async function retentionMs(temporal: Client): Promise<number> {
  const { namespace } = temporal.options;
  const { config } = await temporal.withDeadline(Date.now() + timeoutMs, () =>
    temporal.workflowService.describeNamespace({ namespace }),
  );
  return tsToMs(config?.workflowExecutionRetentionTtl);
}

/** Sagas without recent events whose workflow and unwinder Temporal has deleted. */
async function endedLongAgo(
  { databases, temporal }: ForgetEnvironment,
  old: OldSaga[],
  { before, signal }: { before: Date; signal: AbortSignal },
): Promise<string[]> {
  const ids = old.map(({ id }) => id);
  const reads = serviceNames.map((service) =>
    within(timeoutMs, unsentSagas(databases[service], ids, before)),
  );
  const unsent = new Set((await Promise.all(reads)).flat());
  const isKnown = async (id: string) =>
    (await temporal.withDeadline(Date.now() + timeoutMs, () =>
      orGone(temporal.workflow.getHandle(id).describe()),
    )) !== undefined;
  const gone: string[] = [];
  for (const { id, type, mode } of old) {
    if (signal.aborted) break;
    if (unsent.has(id)) continue;
    const ofTemporal = mode === 'orchestrated' ? [workflowId(type, id), unwinderId(id)] : [];
    if (!(await Promise.all(ofTemporal.map(isKnown))).includes(true)) gone.push(id);
  }
  return gone;
}
