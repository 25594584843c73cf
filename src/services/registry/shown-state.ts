import { sql } from 'drizzle-orm';
import type { SagaState } from '../../saga/state.ts';
import { choreography } from './schema.ts';

/** The state after the last event, unless that event is parked. */
export const shownState = sql<SagaState>`case when ${choreography.parkedAt} is null then ${choreography.state} else 'parked' end`;
