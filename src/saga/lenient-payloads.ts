import { DefaultPayloadConverter, type Payload } from '@temporalio/common';

/**
 * Decodes what cannot be decoded as undefined. A signal or an input of a foreign encoding would else fail every
 * workflow task from then on, before any code of the saga could refuse it.
 */
class LenientPayloadConverter extends DefaultPayloadConverter {
  override fromPayload<T>(payload: Payload): T {
    try {
      return super.fromPayload<T>(payload);
    } catch {
      return super.fromPayload<T>(undefinedPayload);
    }
  }
}

const undefinedPayload: Payload = { metadata: { encoding: new TextEncoder().encode('binary/null') } };

export const payloadConverter = new LenientPayloadConverter();

/** The first value that travelled; undefined where there is none. */
export function firstValue(travelled: { payloads?: Payload[] | null } | null | undefined): unknown {
  const [payload] = travelled?.payloads ?? [];
  return payload && payloadConverter.fromPayload(payload);
}
