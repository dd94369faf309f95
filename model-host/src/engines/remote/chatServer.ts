/** One inference server's endpoint, as the engine and the probe ask it: answers or failures, nothing in between. */
import * as l10n from '@vscode/l10n';
import { Readable } from 'node:stream';
import { isConfidential } from '../../../../paligemma/src/addresses';
import { isRecord } from '../../../../paligemma/src/checks';
import { Failure } from '../../../../paligemma/src/failures';
import type { ServerEndpoint } from '../../contract/inferenceServer';
import type { Clock } from './clock';
import { isModelMissing, refusalOf, type Asked } from './refusals';
import { readText, send, type HttpLimits, type ServerAnswer } from './serverHttp';

export interface ServerLimits extends HttpLimits {
  /** For the list of models, from the connection on. */
  readonly listMs: number;
  /** Added to `wholeMs` for each token that is asked for. */
  readonly tokenMs: number;
  /** Waits before the second and third try: this, then twice as long, each with as much again by chance. */
  readonly firstWaitMs: number;
  /** A server that asks for more patience is reported instead. */
  readonly longestWaitMs: number;
}

export const defaultServerLimits: ServerLimits = {
  connectMs: 5_000,
  firstByteMs: 120_000,
  idleMs: 30_000,
  wholeMs: 60_000,
  listMs: 5_000,
  tokenMs: 2_000,
  firstWaitMs: 500,
  longestWaitMs: 60_000,
};

export interface ListedModel {
  readonly id: string;
  readonly contextTokens?: number;
}

/** What a chat asks for, beside its text. */
export interface AskedChat {
  readonly model: string;
  readonly hasExtras: boolean;
  /** Most tokens of the answer. */
  readonly tokens: number;
}

/** A streamed answer, or that of a server which knows no streams. */
export type ChatAnswerBody =
  | { readonly kind: 'events'; readonly chunks: AsyncIterable<Uint8Array> }
  | { readonly kind: 'whole'; readonly value: Readonly<Record<string, unknown>> };

/** Statuses that an error inside of an answer may name; what another one means cannot be told from there. */
const innerStatuses = [400, 401, 403, 408, 422, 429, 502, 503, 504];
/** Models that are looked at; a server has one, with adapters a few. */
const MOST_MODELS = 100;

export class ChatServer {
  /** Host and port, for sentences and the log. */
  readonly host: string;

  constructor(readonly endpoint: ServerEndpoint, private readonly clock: Clock, private readonly limits: ServerLimits) {
    this.host = new URL(endpoint.url).host;
  }

  /** @throws Setback; Failure; DOMException `AbortError`. */
  async models(signal: AbortSignal): Promise<readonly ListedModel[]> {
    const { endpoint, clock, limits, host } = this;
    const answer = await send(
      { endpoint, path: 'models', limits: { ...limits, firstByteMs: limits.listMs } },
      clock,
      signal,
    );
    const value = parse(await this.accepted(answer, { hasExtras: false }), host);
    const list = value['data'];
    if (!Array.isArray(list)) throw notAServer(host);
    return list.slice(0, MOST_MODELS).flatMap((entry: unknown): ListedModel[] => {
      if (!isRecord(entry) || typeof entry['id'] !== 'string' || entry['id'] === '') return [];
      const length = entry['max_model_len'];
      return [{
        id: entry['id'],
        ...(Number.isSafeInteger(length) && (length as number) > 0 ? { contextTokens: length as number } : {}),
      }];
    });
  }

  /**
   * Sends a chat request. @returns An answer whose status is 200.
   * @throws Setback; DialectRefused; Failure; DOMException `AbortError`.
   */
  async chat(body: string, asked: AskedChat, signal: AbortSignal): Promise<ServerAnswer> {
    const { endpoint, clock } = this;
    const limits = { ...this.limits, wholeMs: this.limits.wholeMs + asked.tokens * this.limits.tokenMs };
    const answer = await send({ endpoint, path: 'chat/completions', body, limits }, clock, signal);
    if (answer.status === 200) return answer;
    const refusal = {
      status: answer.status,
      body: await readText(answer, this.host),
      retryAfter: answer.headers['retry-after'],
    };
    const failure = refusalOf(refusal, this.asked(asked));
    if (!(failure instanceof Failure) || !isModelMissing(refusal)) throw failure;
    const there = await this.models(signal).catch(() => []);
    throw new Failure(
      'serverModelMissing',
      there.length === 0
        ? l10n.t(
          'The server at {0} has no model {1}. Check which models it serves; add it again with “paligemma models add” or in the editor.',
          this.host,
          asked.model,
        )
        : l10n.t(
          'The server at {0} has no model {1}. It serves {2}; add it again with “paligemma models add” or in the editor.',
          this.host,
          asked.model,
          there.map(({ id }) => id).join(', '),
        ),
    );
  }

  /** A chat request whose answer is one JSON object. @throws as {@link chat}. */
  async chatOnce(body: string, asked: AskedChat, signal: AbortSignal): Promise<Readonly<Record<string, unknown>>> {
    return this.whole(await readText(await this.chat(body, asked, signal), this.host), asked);
  }

  /**
   * A chat request that asks for a stream. What comes instead tells its type, though some servers call their stream JSON.
   * @throws as {@link chat}.
   */
  async chatStream(body: string, asked: AskedChat, signal: AbortSignal): Promise<ChatAnswerBody> {
    const answer = await this.chat(body, asked, signal);
    if (!/\bjson\b/i.test(answer.headers['content-type'] ?? '')) return { kind: 'events', chunks: answer.chunks() };
    const text = await readText(answer, this.host);
    return /^\s*\{/.test(text)
      ? { kind: 'whole', value: this.whole(text, asked) }
      : { kind: 'events', chunks: Readable.from([Buffer.from(text)]) };
  }

  /** Some servers, and what stands before them, answer with the status 200 that they failed. */
  private whole(text: string, asked: AskedChat): Readonly<Record<string, unknown>> {
    const value = parse(text, this.host);
    const { error } = value;
    if (error === undefined || error === null) return value;
    const code = isRecord(error) ? Number(error['code']) : NaN;
    throw refusalOf({ status: innerStatuses.includes(code) ? code : 500, body: text }, this.asked(asked));
  }

  private async accepted(answer: ServerAnswer, asked: { readonly hasExtras: boolean }): Promise<string> {
    const body = await readText(answer, this.host);
    if (answer.status !== 200) {
      throw refusalOf({ status: answer.status, body, retryAfter: answer.headers['retry-after'] }, this.asked(asked));
    }
    return body;
  }

  private asked(asked: { readonly model?: string; readonly hasExtras: boolean }): Asked {
    const { url, apiKey } = this.endpoint;
    return { host: this.host, apiKey, isConfidential: isConfidential(new URL(url)), ...asked };
  }
}

export function notAServer(host: string): Failure {
  return new Failure(
    'serverAnswerInvalid',
    l10n.t(
      'What answers at {0} is not an OpenAI-compatible server, or a login page stands in front of it. Check the address of the server; it usually ends in /v1.',
      host,
    ),
  );
}

function parse(body: string, host: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body);
    if (isRecord(value)) return value;
  } catch {
    // Told below.
  }
  throw notAServer(host);
}
