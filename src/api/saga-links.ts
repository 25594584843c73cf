import { webUiLink } from '../history/web-ui.ts';
import type { SagaMode } from '../services/registry/schema.ts';
import type { Services } from './services.ts';

interface Linked {
  type: string;
  sagaId: string;
  mode: SagaMode;
}

/** A choreographed saga is nothing that Temporal could show. */
export const linksOf = ({ temporal, temporalUiUrl }: Services, { type, sagaId, mode }: Linked) => ({
  self: `/sagas/${sagaId}`,
  events: `/sagas/${sagaId}/events`,
  temporal_ui: mode === 'orchestrated' ? webUiLink(temporalUiUrl, temporal, { type, sagaId }) : null,
});
