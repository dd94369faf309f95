/** One request and its answer, directly or through a proxy. Knows nothing of who is asked, nor why. */
import * as l10n from '@vscode/l10n';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { openTunnel, proxyAddress, proxyHeaders } from './proxy';

export interface NetRequest {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly proxy: URL | undefined;
  /** Ends the request and its answer. */
  readonly signal: AbortSignal;
  /** The connection, as soon as there is one; it may still be connecting. */
  readonly onSocket?: (socket: Socket) => void;
}

/**
 * Resolves once the headers are there; the body is the caller's to read or to destroy.
 * @throws Error of Node.js; {@link ProxyRefusal}; DOMException `AbortError`.
 */
export async function exchange(url: URL, request: NetRequest): Promise<IncomingMessage> {
  const { method, headers, proxy, signal } = request;
  if (proxy === undefined) {
    const { request: open } = url.protocol === 'https:' ? https : http;
    return answerTo(open(url, { method, headers, signal, agent: false }), request);
  }
  if (url.protocol !== 'https:') {
    const asked = { host: url.host, ...headers, ...proxyHeaders(proxy) };
    const options = { ...proxyAddress(proxy), method, path: url.href, headers: asked, signal, agent: false };
    return answerTo(http.request(options), request);
  }
  const tunnel = await openTunnel(proxy, url, signal);
  const asked = { host: url.host, ...headers };
  return answerTo(https.request(url, { method, headers: asked, signal, createConnection: () => tunnel }), request);
}

function answerTo(sent: http.ClientRequest, { body, onSocket }: NetRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    sent.once('response', message => {
      // Destroyed bodies report here what nobody waits for any more.
      message.on('error', () => undefined);
      resolve(message);
    });
    sent.on('error', reject);
    if (onSocket !== undefined) sent.once('socket', onSocket);
    sent.end(body);
  });
}

/** Where an answer sends to; undefined where it names no address. */
export function redirectTarget(from: URL, location: string | undefined): URL | undefined {
  return location !== undefined && URL.canParse(location, from.href) ? new URL(location, from) : undefined;
}

/** Node's own messages name host and port, which helps; several of them come as one without a text. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join('; ');
  return error instanceof Error && error.message !== '' ? error.message : String(error);
}

/** The sentences for a certificate that is not trusted; undefined for other errors. */
export function certificateComplaint(error: unknown, host: string): string | undefined {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (!/CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code)) return undefined;
  return l10n.t(
    'The certificate of {0} is not trusted ({1}). If the network has its own certificate, name its file in NODE_EXTRA_CA_CERTS.',
    host,
    messageOf(error),
  );
}
