/** The way to a server through a proxy that the server's side has chosen. */
import http from 'node:http';
import type { Socket } from 'node:net';
import tls from 'node:tls';

/**
 * Asks `proxy` for a way to the host of `url`, and encrypts it end to end. @throws Error with what the proxy answered.
 */
export async function openTunnel(proxy: URL, url: URL, signal: AbortSignal): Promise<tls.TLSSocket> {
  const target = `${url.hostname}:${url.port === '' ? 443 : url.port}`;
  const socket = await new Promise<Socket>((resolve, reject) => {
    const request = http.request({
      ...proxyAddress(proxy),
      method: 'CONNECT',
      path: target,
      agent: false,
      signal,
      headers: { host: target, ...proxyHeaders(proxy) },
    });
    request.once('error', reject);
    request.once('connect', (answer, connected: Socket) => {
      if (answer.statusCode === 200) return resolve(connected);
      connected.destroy();
      reject(new Error(`the proxy ${proxy.host} answered ${answer.statusCode ?? 0}`));
    });
    request.end();
  });
  const secure = tls.connect({ socket, servername: url.hostname, ALPNProtocols: ['http/1.1'] });
  const abort = () => secure.destroy(new Error('aborted'));
  signal.addEventListener('abort', abort, { once: true });
  secure.once('close', () => signal.removeEventListener('abort', abort));
  return secure;
}

export function proxyAddress(proxy: URL): { readonly host: string; readonly port: number } {
  return { host: proxy.hostname, port: proxy.port === '' ? 80 : Number(proxy.port) };
}

/** What the proxy is to be told about who asks. */
export function proxyHeaders(proxy: URL): Record<string, string> {
  if (proxy.username === '') return {};
  const credentials = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` };
}
