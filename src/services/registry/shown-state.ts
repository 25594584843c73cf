import { sql } from 'drizzle-orm';
import type { SagaState } from '../../saga/state.ts';
import { choreography } from './schema.ts';

/** The state that a choreographed saga shows: its events', unless the last of them is parked. */
export const shownState = sql<SagaState>`case when ${choreography.parkedAt} is null then ${choreography.state} else 'parked' end`;
