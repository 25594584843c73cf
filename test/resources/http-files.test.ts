import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resourceServices } from '../../src/api/app.ts';
import { type Answer, answerOf, listen } from '../support/resources.ts';
import { type System, startSystem } from '../support/system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.end());

interface Request {
  title: string;
  /** By which later requests refer to its answer. */
  name: string | undefined;
  status: number;
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string | undefined;
}

/** As far as these files go: variables, `###`, `# @name`, `# 201` for the status, one request a section. */
function parse(text: string) {
  const [preamble = '', ...sections] = text.split(/^###/m);
  const variables = [...preamble.matchAll(/^@(\w+) = (.+)$/gm)].map(([, name, value]) => [name, value]);
  return { variables: Object.fromEntries(variables), requests: sections.map(parseRequest) };
}

function parseRequest(section: string): Request {
  const [title = '', ...lines] = section.split('\n');
  const isComment = (line: string) => line.startsWith('# ');
  const comments = lines.filter(isComment).map((line) => line.slice(2));
  const [head = '', ...body] = lines
    .filter((line) => !isComment(line))
    .join('\n')
    .trim()
    .split('\n\n');
  const [request = '', ...headers] = head.split('\n');
  const [method = '', url = ''] = request.split(' ');
  return {
    title: title.trim() || request,
    name: comments.find((line) => line.startsWith('@name '))?.slice('@name '.length),
    status: Number(comments.find((line) => /^\d{3}$/.test(line))),
    method,
    url,
    headers: Object.fromEntries(headers.map((line) => line.split(': '))),
    body: body.length > 0 ? body.join('\n\n') : undefined,
  };
}

/** Replaces `{{variable}}` and `{{name.response.body.field}}`; throws where nothing is known by that name. */
function fill(text: string, variables: Record<string, string>, answers: Map<string, Answer>): string {
  return text.replaceAll(/\{\{([^}]+)\}\}/g, (_, reference: string) => {
    const [name = '', field = ''] = reference.split('.response.body.');
    const value = field === '' ? variables[name] : answers.get(name)?.body[field];
    if (typeof value !== 'string') throw new Error(`nothing is known as {{${reference}}}`);
    return value;
  });
}

describe.each(resourceServices)('the request file of the %s service', (service) => {
  const file = new URL(`../../src/services/${service}/${service}.http`, import.meta.url);
  const { variables, requests } = parse(readFileSync(file, 'utf8'));

  test('is sent to the port of the service', () => {
    const port = { customer: 8081, mortgage: 8082, loan: 8083 }[service];
    expect(variables).toMatchObject({ host: `http://127.0.0.1:${port}` });
    for (const { url } of requests) expect(url).toMatch(/^\{\{host\}\}\//);
  });

  test('covers every path and method of the service', async () => {
    const { body: document } = await answerOf(await system.service(service).request('/openapi.json'));
    const served = Object.entries<object>(document.paths)
      .flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`))
      .filter((call) => call !== 'GET /liveness');
    const called = requests.map(({ method, url }) => {
      const path = url.replace('{{host}}', '').replace(/\?.*/, '');
      return `${method} ${path.replaceAll(/\{\{[^}]+\}\}/g, '{}')}`;
    });
    for (const call of served) expect(called).toContain(call.replaceAll(/\{\w+\}/g, '{}'));
  });

  test('gets the announced responses, sent in order, and again', async () => {
    const port = await listen(system.service(service));
    for (const round of [1, 2]) {
      const answers = new Map<string, Answer>();
      for (const { title, name, status, method, url, headers, body } of requests) {
        const known = (text: string) => fill(text, { ...variables, host: '' }, answers);
        const filled = Object.entries(headers).map(([header, value]) => [header, known(value)]);
        const answer = await port.send(
          method,
          known(url),
          body === undefined ? undefined : known(body),
          Object.fromEntries(filled),
        );
        const got = `${round}. ${title}: ${answer.status}`;
        expect(got, JSON.stringify(answer.body)).toBe(`${round}. ${title}: ${status}`);
        if (name) answers.set(name, answer);
      }
    }
    await port.close();
  });
});
