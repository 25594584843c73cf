import { webUiLink } from '../history/web-ui.ts';
import type { Services } from './services.ts';

export const linksOf = ({ temporal, temporalUiUrl }: Services, type: string, sagaId: string) => ({
  self: `/sagas/${sagaId}`,
  events: `/sagas/${sagaId}/events`,
  temporal_ui: webUiLink(temporalUiUrl, temporal, { type, sagaId }),
});
