/**
 * A server on 127.0.0.1 that answers as vLLM 0.32 was measured to: list of models, streamed chat, prompt ids and their
 * log-probabilities, errors with their bodies. `fault` plays every way to go wrong.
 */
import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ChatRequest {
  readonly path: string;
  readonly headers: http.IncomingHttpHeaders;
  /** As it came; undefined for a GET. */
  readonly body: ChatBody | undefined;
}

export interface ChatBody extends Readonly<Record<string, unknown>> {
  readonly model: string;
  readonly stream: boolean;
  readonly max_tokens: number;
  readonly messages: readonly {
    readonly role: string;
    readonly content: readonly ({ readonly type: 'text'; readonly text: string } | {
      readonly type: 'image_url';
      readonly image_url: { readonly url: string };
    })[];
  }[];
}

/** Returns true where it answered, or will. */
export type ServerFault = (request: ChatRequest, response: ServerResponse) => boolean;

export interface ServerKind {
  /** Names of the models that it serves. */
  models: readonly string[];
  key: string | undefined;
  dialect: 'vllm' | 'openai';
  /** Whether the log-probability of a prompt's first word depends on what follows. */
  hasPrefixMask: boolean;
  imageTokens: number;
  contextTokens: number;
  /** Tokens of the answer, `<eos>` left out. */
  answer: (prompt: string) => readonly string[];
}

/** Ids of no meaning but to be told apart; the real ones of `<bos>`, "\n" and `<image>`. */
const BOS = 2;
const NEWLINE = 108;
const IMAGE = 257152;

export class FakeInferenceServer {
  readonly requests: ChatRequest[] = [];
  fault: ServerFault = () => false;
  /** Chats in progress now, and the most that there were. */
  running = 0;
  mostRunning = 0;
  private readonly waiters: { readonly fits: () => boolean; readonly resolve: () => void }[] = [];

  readonly origin: string;

  private constructor(private readonly server: http.Server, readonly kind: ServerKind) {
    this.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', (request: IncomingMessage, response: ServerResponse) => void this.receive(request, response));
  }

  static async start(kind: Partial<ServerKind> = {}): Promise<FakeInferenceServer> {
    const server = http.createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new FakeInferenceServer(server, {
      models: ['paligemma2-3b-mix-224'],
      key: undefined,
      dialect: 'vllm',
      hasPrefixMask: true,
      imageTokens: 256,
      contextTokens: 1024,
      answer: () => ['<loc0256>', '<loc0128>', '<loc0768>', '<loc0512>', ' cat'],
      ...kind,
    });
  }

  get url(): string {
    return `${this.origin}/v1`;
  }

  get chats(): readonly ChatBody[] {
    return this.requests.flatMap(({ body }) => body ?? []);
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  /** Resolves as soon as `fits` holds; asked again with every request and every end of one. */
  until(fits: () => boolean): Promise<void> {
    return fits() ? Promise.resolve() : new Promise(resolve => this.waiters.push({ fits, resolve }));
  }

  private changed(): void {
    for (const waiter of this.waiters.splice(0)) {
      if (waiter.fits()) waiter.resolve();
      else this.waiters.push(waiter);
    }
  }

  private async receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = [];
    try {
      for await (const piece of request) pieces.push(piece as Buffer);
    } catch {
      return;
    }
    const text = Buffer.concat(pieces).toString('utf8');
    const noted: ChatRequest = {
      path: request.url ?? '',
      headers: request.headers,
      body: text === '' ? undefined : (JSON.parse(text) as ChatBody),
    };
    this.requests.push(noted);
    if (noted.body !== undefined) this.count(response);
    this.changed();
    if (!this.fault(noted, response)) this.answer(noted, response);
  }

  private count(response: ServerResponse): void {
    this.mostRunning = Math.max(this.mostRunning, ++this.running);
    response.once('close', () => {
      this.running--;
      this.changed();
    });
  }

  /** As if nothing was wrong; for faults that come to an end. */
  answer({ path, headers, body }: ChatRequest, response: ServerResponse): void {
    const { kind } = this;
    if (path === '/health') return sendJson(response, 200, '');
    if (path !== '/v1/models' && path !== '/v1/chat/completions') {
      return sendJson(response, 404, { detail: 'Not Found' });
    }
    if (kind.key !== undefined && headers.authorization !== `Bearer ${kind.key}`) {
      return sendJson(response, 401, { error: 'Unauthorized' });
    }
    if (body === undefined) {
      return sendJson(response, 200, {
        object: 'list',
        data: kind.models.map(id => ({ id, object: 'model', root: id, max_model_len: kind.contextTokens })),
      });
    }
    if (!kind.models.includes(body.model)) {
      return sendJson(response, 404, {
        error: {
          message: `The model \`${body.model}\` does not exist. Valid aliases: ${kind.models.join(', ')}`,
          type: 'NotFoundError',
          param: 'model',
          code: 404,
        },
      });
    }
    if (kind.dialect === 'openai' && 'skip_special_tokens' in body) {
      return sendJson(response, 422, {
        detail: [{
          type: 'extra_forbidden',
          loc: ['body', 'skip_special_tokens'],
          msg: 'Extra inputs are not permitted',
        }],
      });
    }
    if (body.max_tokens > kind.contextTokens - kind.imageTokens) {
      return sendJson(response, 400, {
        error: {
          message: `max_tokens=${body.max_tokens} cannot be greater than the context`,
          type: 'BadRequestError',
          param: 'max_tokens',
          code: 400,
        },
      });
    }
    if (body.stream) this.stream(body, response);
    else this.whole(body, response);
  }

  private stream(body: ChatBody, response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    for (const event of this.events(body)) response.write(`data: ${JSON.stringify(event)}\n\n`);
    // `transformers serve` ends without it.
    response.end(this.kind.dialect === 'vllm' ? 'data: [DONE]\n\n' : '');
  }

  /** What is streamed for a request, one object for each event. */
  events(body: ChatBody): readonly Readonly<Record<string, unknown>>[] {
    const all = this.kind.answer(promptOf(body));
    const tokens = all.slice(0, body.max_tokens);
    const isCut = all.length > tokens.length || tokens.length === body.max_tokens;
    const base = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: body.model };
    const ids = (token: string) => (this.kind.dialect === 'vllm' ? { token_ids: [idOf(token)] } : {});
    const pieces = isCut ? tokens : [...tokens, ''];
    return [
      {
        ...base,
        choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }],
        ...(this.kind.dialect === 'vllm' ? { prompt_token_ids: this.promptIds(promptOf(body)) } : {}),
      },
      ...pieces.map((token, index) => ({
        ...base,
        choices: [{
          index: 0,
          delta: { content: token },
          finish_reason: index < pieces.length - 1 ? null : isCut ? 'length' : 'stop',
          ...(token === '' ? (this.kind.dialect === 'vllm' ? { token_ids: [1] } : {}) : ids(token)),
        }],
      })),
      {
        ...base,
        choices: [],
        usage: { prompt_tokens: 300, completion_tokens: pieces.length, total_tokens: 300 + pieces.length },
      },
    ];
  }

  private whole(body: ChatBody, response: ServerResponse): void {
    const prompt = promptOf(body);
    const ids = this.promptIds(prompt);
    const isVllm = this.kind.dialect === 'vllm';
    sendJson(response, 200, {
      id: 'chatcmpl-1',
      object: 'chat.completion',
      model: body.model,
      choices: [{
        index: 0,
        message: { role: 'assistant', content: this.kind.answer(prompt)[0] ?? '' },
        finish_reason: 'length',
      }],
      ...(isVllm ? { prompt_token_ids: ids } : {}),
      ...(isVllm && 'prompt_logprobs' in body
        ? {
          prompt_logprobs: ids.map((
            id,
            at,
          ) => (at === 0 ? null : { [String(id)]: { logprob: this.logProbability(prompt), rank: 1 } })),
        }
        : {}),
    });
  }

  private promptIds(prompt: string): readonly number[] {
    return [
      ...Array.from({ length: this.kind.imageTokens }, () => IMAGE),
      BOS,
      ...prompt.split(' ').map(idOf),
      NEWLINE,
    ];
  }

  private logProbability(prompt: string): number {
    return this.kind.hasPrefixMask && prompt.endsWith('cat') ? -3.132 : -3;
  }
}

export function promptOf({ messages }: ChatBody): string {
  const part = messages[0]?.content.find(candidate => candidate.type === 'text');
  return part?.type === 'text' ? part.text : '';
}

/** Bytes of the PNG that was sent. */
export function pictureOf({ messages }: ChatBody): Buffer {
  const part = messages[0]?.content.find(candidate => candidate.type === 'image_url');
  const url = part?.type === 'image_url' ? part.image_url.url : '';
  const head = 'data:image/png;base64,';
  if (!url.startsWith(head)) throw new Error(`no PNG: ${url.slice(0, 40)}`);
  return Buffer.from(url.slice(head.length), 'base64');
}

export function idOf(token: string): number {
  return 1000 + [...token].reduce((sum, character) => (sum * 31 + (character.codePointAt(0) ?? 0)) % 100_000, 7);
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}
