import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

export const project = join(import.meta.dirname, '..', '..');
export const read = (file: string) => readFileSync(join(project, file), 'utf8');

const serviceSchema = z.object({
  image: z.string(),
  build: z.string().optional(),
  entrypoint: z.array(z.string()).default([]),
  command: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.coerce.string()).default({}),
  network_mode: z.string().optional(),
  ports: z.array(z.string()).default([]),
  healthcheck: z
    .object({ test: z.array(z.string()).default([]), disable: z.boolean().default(false) })
    .optional(),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  restart: z.string().optional(),
  logging: z.object({ options: z.record(z.string(), z.string()) }).optional(),
  stop_grace_period: z.string().default('10s'),
  deploy: z.object({ replicas: z.number() }).default({ replicas: 1 }),
  volumes: z.array(z.string()).default([]),
});

export type Service = z.infer<typeof serviceSchema>;
type Raw = Record<string, unknown> & { environment?: object; extends?: { service: string } };

export const parseFile = (file: string): { services: Record<string, Raw> } =>
  parse(
    read(file)
      .replace(/\$\{\w+:-(\w*)\}/g, '$1')
      .replaceAll('$$', '$'),
    { merge: true },
  );

const ownFiles = ['docker-compose.yml', 'docker-compose.services.yml'] as const;

/** The services of docker-compose.yml, or of both files together, as Compose sees them. */
export function servicesOf(which: 'one-worker' | 'a-worker-a-role'): Map<string, Service> {
  const [base, override] = ownFiles.map((file) => parseFile(file).services);
  const merged: Record<string, Raw> = { ...base };
  if (which === 'a-worker-a-role')
    for (const [name, { extends: from, ...own }] of Object.entries(override ?? {})) {
      const parent = base?.[from?.service ?? name];
      merged[name] = { ...parent, ...own, environment: { ...parent?.environment, ...own.environment } };
    }
  return new Map(Object.entries(merged).map(([name, raw]) => [name, serviceSchema.parse(raw)]));
}

/** What the Dockerfile says after its last FROM, and how it makes the workflow bundle. */
export function dockerfile() {
  const text = read('Dockerfile');
  const last = text.slice(text.lastIndexOf('\nFROM '));
  const words = (pattern: RegExp) => (pattern.exec(last)?.[1] ?? '').split(' ');
  const json = (source: string, pattern: RegExp): string[] => JSON.parse(pattern.exec(source)?.[1] ?? '[]');
  return {
    environment: Object.fromEntries(words(/^ENV (.*)$/m).map((pair) => pair.split('='))) as Record<
      string,
      string
    >,
    user: words(/^USER (.*)$/m)[0],
    command: json(last, /^CMD (\[.*\])$/m),
    bundling: json(text, /^RUN (\["node".*\])$/m),
    /** Of this folder, in all stages and in the last one. */
    copied: { ever: sourcesIn(text), last: sourcesIn(last) },
  };
}

const sourcesIn = (text: string) => [
  ...new Set(
    [...text.matchAll(/^COPY (?!--)(.*) \S+$/gm)].flatMap(([, sources]) => sources?.split(' ') ?? []),
  ),
];
