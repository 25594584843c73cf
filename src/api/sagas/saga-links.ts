import { webUiLink } from '../../history/web-ui.ts';
import type { SagaRef } from '../../services/registry/schema.ts';
import type { ApiContext } from '../context.ts';

/** Where the API shows a saga. A service's own port does not serve that path. */
export const sagaUrl = ({ apiUrl = '' }: ApiContext, sagaId: string) => `${apiUrl}/sagas/${sagaId}`;

/** Temporal does not know choreographed sagas. */
export const linksOf = (context: ApiContext, { type, sagaId, mode }: SagaRef) => {
  const self = sagaUrl(context, sagaId);
  const { temporal, temporalUiUrl } = context;
  const temporal_ui = mode === 'orchestrated' ? webUiLink(temporalUiUrl, temporal, { type, sagaId }) : null;
  return { self, events: `${self}/events`, temporal_ui };
};
