import { webUiLink } from '../history/web-ui.ts';
import type { SagaMode } from '../services/registry/schema.ts';
import type { Services } from './services.ts';

interface Linked {
  type: string;
  sagaId: string;
  mode: SagaMode;
}

/** Where the API shows a saga. A service's own port does not serve that path. */
export const sagaUrl = ({ apiUrl = '' }: Services, sagaId: string) => `${apiUrl}/sagas/${sagaId}`;

/** Temporal does not know choreographed sagas. */
export const linksOf = (services: Services, { type, sagaId, mode }: Linked) => {
  const self = sagaUrl(services, sagaId);
  const { temporal, temporalUiUrl } = services;
  const temporal_ui = mode === 'orchestrated' ? webUiLink(temporalUiUrl, temporal, { type, sagaId }) : null;
  return { self, events: `${self}/events`, temporal_ui };
};
