import { temporalOnPostgres } from '../../scripts/stack/temporal-on-postgres.ts';
import { type Program, start } from './programs.ts';

type Settings = Parameters<typeof temporalOnPostgres>[0];

/** The four services of a Temporal server in one process, on its two databases. */
export const startTemporalServer = async (settings: Settings): Promise<Program> =>
  start(await temporalOnPostgres(settings), settings.folder, process.env);
