/**
 * One request to an inference server, with its time limits, its key and no redirect elsewhere. Knows nothing of models.
 */
import * as l10n from '@vscode/l10n';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { certificateComplaint, exchange, messageOf, redirectTarget } from '../../../../net/src/exchange';
import { isConfidential } from '../../../../paligemma/src/addresses';
import { Failure } from '../../../../paligemma/src/failures';
import type { ServerEndpoint } from '../../contract/inferenceServer';
import type { Clock } from './clock';
import { Setback } from './setback';

export interface HttpLimits {
  /** Until the connection stands, encryption included. */
  readonly connectMs: number;
  /** From then until the first byte of the body: queue, first-use warm-up, prefill. */
  readonly firstByteMs: number;
  /** Between two pieces of the body. */
  readonly idleMs: number;
  /** For the whole body, however steadily it comes. */
  readonly wholeMs: number;
}

export interface ServerRequest {
  readonly endpoint: ServerEndpoint;
  /** Below the endpoint's address, for example `models`. */
  readonly path: string;
  /** JSON of a POST; without it a GET. */
  readonly body?: string;
  readonly limits: HttpLimits;
}

export interface ServerAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Pieces as they come. @throws Setback where it breaks or falls silent; DOMException `AbortError`. */
  readonly chunks: () => AsyncGenerator<Buffer, void, void>;
}

const MAX_REDIRECTS = 3;
/** An error's body, or a list of models. */
const LONGEST_BODY_BYTES = 16 << 20;

/**
 * @throws Setback for a connection that fails or falls silent; Failure `serverUnreachable` for what another try does
 *   not cure, `serverNotAllowed` for a key that would go unencrypted, `serverRefused` for a key that is not one;
 *   DOMException `AbortError`.
 */
export async function send(request: ServerRequest, clock: Clock, signal: AbortSignal): Promise<ServerAnswer> {
  const { endpoint, path, body } = request;
  let url = new URL(`${endpoint.url}/${path}`);
  checkKey(endpoint, url);
  for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
    const exchange = new Exchange(request, url, clock, signal);
    const message = await exchange.begin();
    const status = message.statusCode ?? 0;
    if (status < 300 || status >= 400) {
      return {
        status,
        headers: message.headers,
        chunks: () => exchange.chunks(message),
      };
    }
    exchange.end();
    url = redirected(url, message.headers.location, body !== undefined && status !== 307 && status !== 308);
  }
  throw new Failure(
    'serverUnreachable',
    l10n.t(
      'The server at {0} redirects endlessly from one address to the next. Check the address of the server.',
      url.host,
    ),
  );
}

/**
 * Reads a whole body of bounded size. @throws as {@link ServerAnswer.chunks}; Failure `serverAnswerInvalid` where it
 * is longer.
 */
export async function readText({ chunks }: ServerAnswer, host: string): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of chunks()) {
    bytes += piece.length;
    if (bytes > LONGEST_BODY_BYTES) {
      throw new Failure(
        'serverAnswerInvalid',
        l10n.t(
          'The server at {0} sent more than an answer can be. Check that its address is that of an OpenAI-compatible server.',
          host,
        ),
      );
    }
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

function checkKey({ apiKey }: ServerEndpoint, url: URL): void {
  if (apiKey === undefined) return;
  if (!/^[\x21-\x7e]+$/.test(apiKey)) {
    throw new Failure(
      'serverRefused',
      l10n.t(
        'The key for {0} has a space, a line break or another character that no key has. Copy it again.',
        url.host,
      ),
    );
  }
  if (!isConfidential(url)) {
    throw new Failure(
      'serverNotAllowed',
      l10n.t(
        'The key for {0} would travel unencrypted, so nothing was sent. Give the server an https address, reach it through a tunnel on localhost, or use it without a key.',
        url.host,
      ),
    );
  }
}

/**
 * @throws Failure for every address but one of the same origin: neither key nor picture go where the person did not
 * say.
 */
function redirected(from: URL, location: string | undefined, losesBody: boolean): URL {
  const to = redirectTarget(from, location);
  if (to !== undefined && to.origin === from.origin && !losesBody) return to;
  throw new Failure(
    'serverUnreachable',
    to === undefined
      ? l10n.t(
        'The server at {0} redirects requests without saying where to. Check the address of the server.',
        from.host,
      )
      : l10n.t(
        'The server at {0} redirects requests to {1}, and nothing was sent there. If that is the right server, add it under that address.',
        from.host,
        to.origin,
      ),
  );
}

/** One request and its answer, on a connection of its own. */
class Exchange {
  private readonly controller = new AbortController();
  private readonly forward = () => this.controller.abort();
  private timer: { dispose(): void } | undefined;
  private wholeTimer: { dispose(): void } | undefined;
  /** Why a limit ended it, as a sentence with its cure. */
  private lapse: string | undefined;

  constructor(
    private readonly request: ServerRequest,
    private readonly url: URL,
    private readonly clock: Clock,
    private readonly signal: AbortSignal,
  ) {}

  /** @returns once the headers are there. */
  async begin(): Promise<IncomingMessage> {
    const { request: { limits: { connectMs } }, signal, url: { host } } = this;
    signal.throwIfAborted();
    signal.addEventListener('abort', this.forward, { once: true });
    this.limit(
      connectMs,
      l10n.t(
        'The server at {0} could not be reached within {1} seconds. Check that it runs and that its address is right.',
        host,
        connectMs / 1000,
      ),
    );
    try {
      return await this.open();
    } catch (error) {
      this.end();
      throw this.failure(error);
    }
  }

  async *chunks(message: IncomingMessage): AsyncGenerator<Buffer, void, void> {
    const { request: { limits: { idleMs, wholeMs } }, url: { host }, clock } = this;
    let hasBegun = false;
    this.wholeTimer = clock.after(wholeMs, () =>
      this.lapsed(
        l10n.t(
          'The server at {0} did not come to the end of its answer within {1} seconds. Run it again; if it keeps happening, look at the log of the server.',
          host,
          Math.round(wholeMs / 1000),
        ),
      ));
    try {
      for await (const chunk of message) {
        hasBegun = true;
        this.limit(
          idleMs,
          l10n.t(
            'The server at {0} sent nothing more for {1} seconds. Run it again; if it keeps happening, look at the log of the server.',
            host,
            idleMs / 1000,
          ),
        );
        yield chunk as Buffer;
      }
    } catch (error) {
      throw this.failure(error, hasBegun);
    } finally {
      message.destroy();
      this.end();
    }
  }

  /** Ends the connection and its limits. */
  end(): void {
    this.timer?.dispose();
    this.wholeTimer?.dispose();
    this.signal.removeEventListener('abort', this.forward);
    this.controller.abort();
  }

  private open(): Promise<IncomingMessage> {
    const { url, request: { endpoint: { apiKey, proxyUrl }, body, limits }, controller: { signal } } = this;
    const headers = {
      accept: body === undefined ? 'application/json' : 'text/event-stream, application/json',
      'accept-encoding': 'identity',
      'user-agent': 'paligemma',
      ...(body === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }),
      ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
    };
    return exchange(url, {
      method: body === undefined ? 'GET' : 'POST',
      headers,
      body,
      proxy: proxyUrl === undefined ? undefined : new URL(proxyUrl),
      signal,
      onSocket: socket => this.watchConnect(socket, limits),
    });
  }

  private watchConnect(socket: Socket, { firstByteMs }: HttpLimits): void {
    const connected = () =>
      this.limit(
        firstByteMs,
        l10n.t(
          'The server at {0} did not begin to answer within {1} seconds. Check that it runs and that its address is right.',
          this.url.host,
          firstByteMs / 1000,
        ),
      );
    if (!socket.connecting && this.url.protocol !== 'https:') connected();
    else socket.once(this.url.protocol === 'https:' ? 'secureConnect' : 'connect', connected);
  }

  private limit(ms: number, lapse: string): void {
    this.timer?.dispose();
    if (this.controller.signal.aborted) return;
    this.timer = this.clock.after(ms, () => this.lapsed(lapse));
  }

  private lapsed(lapse: string): void {
    this.lapse ??= lapse;
    this.controller.abort();
  }

  private failure(error: unknown, hasBegun = false): unknown {
    const { signal, url, lapse } = this;
    if (signal.aborted) return signal.reason;
    if (error instanceof Failure) return error;
    const complaint = certificateComplaint(error, url.host);
    if (complaint !== undefined) {
      return new Failure('serverUnreachable', complaint, { cause: error });
    }
    const sentence = lapse ?? (hasBegun
      ? l10n.t(
        'The server at {0} broke off in the middle of an answer. Run it again; if it keeps happening, look at the log of the server.',
        url.host,
      )
      : l10n.t(
        'The server at {0} cannot be reached ({1}). Check that it runs and that its address is right.',
        url.host,
        messageOf(error),
      ));
    return new Setback(new Failure('serverUnreachable', sentence, { cause: error }), { hasBegun });
  }
}
