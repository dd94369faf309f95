/** One GET over HTTP, with redirects, proxies and time limits. Knows nothing of models. */
import * as l10n from '@vscode/l10n';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { certificateComplaint, exchange, messageOf, redirectTarget } from '../../../../net/src/exchange';
import { ProxyRefusal, type ProxyChoice } from '../../../../net/src/proxy';
import { isConfidential } from '../../../../paligemma/src/addresses';
import type { Timers } from '../../util/timers';

/** How long a server may take until its headers come. */
const ANSWER_LIMIT_MS = 30_000;
/** How long a body may stand still. */
const SILENCE_LIMIT_MS = 60_000;
/** In so many times that, one after the other, it has to bring so much: a kilobyte a second, or it would take years. */
const SLOW_LOOKS = 5;
const SLOW_BYTES = 300_000;
const MAX_REDIRECTS = 5;

/** The connection failed, broke or fell silent: worth another try. The message is a sentence: the host, and what happened. */
export class ConnectionFailure extends Error {
  override readonly name = 'ConnectionFailure';
}

/**
 * Another try would end the same: a certificate that is not trusted, a proxy that refuses, a redirect away from https.
 * The message is a sentence.
 */
export class FinalFailure extends Error {
  override readonly name = 'FinalFailure';
}

export interface GetOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent to the origin of the first address only. */
  readonly token?: string | undefined;
  readonly signal: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Of the first answer, before any redirect: there the hub tells the hash of a file. */
  readonly firstHeaders: IncomingHttpHeaders;
  readonly url: URL;
  /** Pieces as they come. @throws ConnectionFailure where it breaks or falls silent. */
  chunks(): AsyncGenerator<Buffer, void, void>;
  /** Ends the connection without reading on. */
  discard(): void;
}

export class HttpClient {
  constructor(private readonly proxy: ProxyChoice, private readonly timers: Timers) {}

  /**
   * @throws ConnectionFailure; FinalFailure; whatever `signal` is aborted with as ConnectionFailure: ask the signal.
   */
  async get(start: URL, { headers = {}, token, signal }: GetOptions): Promise<HttpAnswer> {
    let url = start;
    let firstHeaders: IncomingHttpHeaders | undefined;
    for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
      const isHome = url.origin === start.origin;
      const message = await this.send(url, {
        'user-agent': 'paligemma',
        'accept-encoding': 'identity',
        ...headers,
        ...(isHome && token !== undefined ? { authorization: `Bearer ${token}` } : {}),
      }, signal);
      firstHeaders ??= message.headers;
      const location = message.headers.location;
      const status = message.statusCode ?? 0;
      if (![301, 302, 303, 307, 308].includes(status) || location === undefined) {
        return this.answer(message, status, url, firstHeaders);
      }
      message.destroy();
      url = redirected(url, location);
    }
    throw new FinalFailure(l10n.t('{0} redirects endlessly from one address to the next.', start.host));
  }

  private answer(message: IncomingMessage, status: number, url: URL, firstHeaders: IncomingHttpHeaders): HttpAnswer {
    return {
      status,
      headers: message.headers,
      firstHeaders,
      url,
      chunks: () => this.chunks(message, url),
      discard: () => void message.destroy(),
    };
  }

  private async send(url: URL, headers: Record<string, string>, signal: AbortSignal): Promise<IncomingMessage> {
    // Combines the caller's signal with the time limit, which also covers the way through a proxy.
    const controller = new AbortController();
    const forward = () => controller.abort();
    if (signal.aborted) forward();
    signal.addEventListener('abort', forward, { once: true });
    let isLate = false;
    const limit = this.timers.after(ANSWER_LIMIT_MS, () => {
      isLate = true;
      controller.abort();
    });
    try {
      const { signal: ending } = controller;
      const message = await exchange(url, { method: 'GET', headers, proxy: this.proxy(url), signal: ending });
      // The body ends with the caller's signal; it has a time limit of its own.
      message.once('close', () => signal.removeEventListener('abort', forward));
      return message;
    } catch (error) {
      signal.removeEventListener('abort', forward);
      if (error instanceof ProxyRefusal) throw new FinalFailure(error.message, { cause: error });
      const complaint = certificateComplaint(error, url.host);
      if (complaint !== undefined) throw new FinalFailure(complaint, { cause: error });
      throw new ConnectionFailure(
        isLate
          ? l10n.t('{0} did not answer within {1} seconds.', url.host, ANSWER_LIMIT_MS / 1000)
          : l10n.t('The connection to {0} failed ({1}).', url.host, messageOf(error)),
        { cause: error },
      );
    } finally {
      limit.dispose();
    }
  }

  private async *chunks(message: IncomingMessage, url: URL): AsyncGenerator<Buffer, void, void> {
    const pace = new Pace(url.host);
    let complaint: string | undefined;
    let watch: { dispose(): void };
    const look = () => {
      complaint = pace.look();
      if (complaint !== undefined) message.destroy(new Error(complaint));
      else watch = this.timers.after(SILENCE_LIMIT_MS, look);
    };
    watch = this.timers.after(SILENCE_LIMIT_MS, look);
    try {
      for await (const chunk of message) {
        pace.add((chunk as Buffer).length);
        yield chunk as Buffer;
      }
    } catch (error) {
      throw new ConnectionFailure(
        complaint ?? l10n.t('The connection to {0} failed ({1}).', url.host, messageOf(error)),
        { cause: error },
      );
    } finally {
      watch.dispose();
      message.destroy();
    }
  }
}

/** Whether a body comes at all, and fast enough to come to its end. */
class Pace {
  private moved = 0;
  private movedBefore = 0;
  private looks = 0;

  constructor(private readonly host: string) {}

  add(bytes: number): void {
    this.moved += bytes;
  }

  /** To be called every {@link SILENCE_LIMIT_MS}. @returns why the body is given up, as a sentence. */
  look(): string | undefined {
    if (this.moved === 0) return l10n.t('{0} sent nothing for {1} seconds.', this.host, SILENCE_LIMIT_MS / 1000);
    this.movedBefore += this.moved;
    this.moved = 0;
    if (++this.looks < SLOW_LOOKS) return undefined;
    const bytes = this.movedBefore;
    this.looks = 0;
    this.movedBefore = 0;
    return bytes >= SLOW_BYTES
      ? undefined
      : l10n.t('{0} sent only {1} bytes in {2} seconds.', this.host, bytes, SLOW_LOOKS * SILENCE_LIMIT_MS / 1000);
  }
}

/** @throws FinalFailure for an address that is not one, or that gives up encryption. */
function redirected(from: URL, location: string): URL {
  const url = redirectTarget(from, location);
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new FinalFailure(l10n.t('{0} redirects to an address that cannot be used.', from.host));
  }
  if (from.protocol === 'https:' && !isConfidential(url)) {
    throw new FinalFailure(l10n.t('{0} redirects to {1} without encryption.', from.host, url.host));
  }
  return url;
}
