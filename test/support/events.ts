import { expect } from 'vitest';
import type { System } from './system.ts';

export interface ServerSentEvent {
  event: string;
  id: string | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: each test knows what it asked for
  data: any;
}

/** Reads a saga's events as they come, until `enough` or the end of the stream. */
export async function readEvents(
  { app }: Pick<System, 'app'>,
  id: string,
  { after, enough }: { after?: string; enough?: (seen: ServerSentEvent[]) => boolean } = {},
): Promise<ServerSentEvent[]> {
  const headers: Record<string, string> = after === undefined ? {} : { 'last-event-id': after };
  const response = await app.request(`/sagas/${id}/events`, { headers });
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  const seen: ServerSentEvent[] = [];
  let rest = '';
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  for (let chunk = await reader?.read(); chunk && !chunk.done; chunk = await reader?.read()) {
    const blocks = (rest + chunk.value).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) seen.push(...parse(block));
    if (enough?.(seen)) {
      await reader?.cancel();
      break;
    }
  }
  return seen;
}

/** A comment is no event. */
function parse(block: string): ServerSentEvent[] {
  const lines = block.split('\n');
  const field = (name: string) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
  const event = field('event');
  return event ? [{ event, id: field('id'), data: JSON.parse(field('data') ?? '') }] : [];
}

export const brief = ({ event, data }: ServerSentEvent): string => {
  if (event === 'state') return data.state;
  if (event === 'end') return event;
  return data.event ?? `${data.op} ${data.step} ${data.status}`;
};

/** The timeline to which a stream adds up: each entry replaces the one of the same step, side and generation. */
export function timelineOf(seen: ServerSentEvent[]): unknown[] {
  const entries = new Map<string, ServerSentEvent['data']>();
  for (const { event, data } of seen) {
    const key = data.step && data.op ? `${data.op} ${data.step} ${data.generation}` : String(data.seq);
    if (event === 'timeline') entries.set(key, data);
  }
  return [...entries.values()].sort((a, b) => a.seq - b.seq);
}
