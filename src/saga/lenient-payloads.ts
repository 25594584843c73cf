import { DefaultPayloadConverter, type Payload } from '@temporalio/common';

/**
 * Decodes a payload of an unknown encoding as undefined. Otherwise such a signal or input would fail every workflow task
 * from then on, before the saga's code could refuse it.
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

type Fields = Record<string, Payload> | null | undefined;

/** The first value; undefined if there is none. */
export function firstValue(encoded: { payloads?: Payload[] | null } | null | undefined): unknown {
  const [payload] = encoded?.payloads ?? [];
  return payload && payloadConverter.fromPayload(payload);
}

/** A field of a memo or of search attributes; undefined if it is absent. */
export function fieldOf(fields: Fields, name: string): unknown {
  const payload = fields?.[name];
  return payload && payloadConverter.fromPayload(payload);
}
