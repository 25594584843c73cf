import { workflowId } from '../saga/state.ts';
import type { Services } from './services.ts';

export const linksOf = ({ temporal, temporalUiUrl }: Services, type: string, sagaId: string) => ({
  self: `/sagas/${sagaId}`,
  events: `/sagas/${sagaId}/events`,
  temporal_ui: `${temporalUiUrl}/namespaces/${temporal.options.namespace}/workflows/${workflowId(type, sagaId)}`,
});
