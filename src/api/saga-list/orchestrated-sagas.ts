import type { Client } from '@temporalio/client';
import { z } from 'zod';
import { listRuns } from '../../history/list-runs.ts';
import { badCursor } from '../http/cursor.ts';
import { Problem } from '../http/problem.ts';
import { askTemporal } from '../temporal.ts';
import { type FoundRun, type SagaFilter, type SagaPage, searchSagas, visibilityQuery } from './visibility.ts';

/** A page token of Temporal's. */
export const orchestratedPlace = z.base64().min(1);

/** Orchestrated sagas, as Temporal lists them: open ones first, newest start first; then ended ones, last end first. */
export class OrchestratedSagas {
  readonly #client: Client;
  readonly #query: string;
  /** Where the current page begins; undefined: at the beginning. */
  #token: Uint8Array | undefined;
  #page: SagaPage = { found: [], nextPageToken: undefined };
  #taken = 0;
  #state: 'unread' | 'read' | 'exhausted';

  constructor(client: Client, filter: SagaFilter, place: string | null | undefined) {
    this.#client = client;
    this.#query = visibilityQuery(filter);
    this.#token = place ? Buffer.from(place, 'base64') : undefined;
    this.#state = place === null ? 'exhausted' : 'unread';
  }

  /** The next saga, undefined at the end. `pageSize` is for the next page, if one has to be read. */
  async peek(pageSize: number): Promise<FoundRun | undefined> {
    for (;;) {
      const found = this.#page.found[this.#taken];
      if (found || this.#state === 'exhausted') return found;
      if (this.#state === 'read') {
        if (!this.#page.nextPageToken) {
          this.#state = 'exhausted';
          return undefined;
        }
        this.#token = this.#page.nextPageToken;
      }
      this.#page = await this.#read(pageSize);
      this.#taken = 0;
      this.#state = 'read';
    }
  }

  take({ saga }: FoundRun) {
    this.#taken += 1;
    return saga;
  }

  async place(): Promise<string | null | undefined> {
    if (this.#state === 'exhausted') return null;
    const last = this.#page.found[this.#taken - 1];
    if (!last) return encoded(this.#token);
    // Temporal names only the ends of pages: read a page that ends here.
    const page = { pageSize: last.index + 1, token: this.#token };
    const { nextPageToken } = await askTemporal(this.#client, () =>
      listRuns(this.#client, this.#query, page),
    );
    return encoded(nextPageToken) ?? null;
  }

  async #read(limit: number): Promise<SagaPage> {
    const token = this.#token;
    const read = () => searchSagas(this.#client, this.#query, { limit, token });
    try {
      return await read();
    } catch (error) {
      if (token === undefined || isOverload(error)) throw error;
    }
    // Temporal reports an invalid token as an outage: rule an outage out, then try again.
    await searchSagas(this.#client, this.#query, { limit: 1, token: undefined });
    return read().catch((error: unknown) => {
      throw isOverload(error) ? error : badCursor();
    });
  }
}

const isOverload = (error: unknown) => error instanceof Problem && error.status === 429;

const encoded = (token: Uint8Array | undefined) => token && Buffer.from(token).toString('base64');
