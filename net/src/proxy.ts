/**
 * Ways through a proxy. Node's own client knows none before version 24, and VS Code patches `http` in its extension
 * host only, which this process is not; hence the usual variables are read here, and a tunnel is opened for https.
 */
import * as l10n from '@vscode/l10n';
import http from 'node:http';
import tls from 'node:tls';
import type { Socket } from 'node:net';
import { isLoopback } from '../../paligemma/src/addresses';

/** The proxy, or what is said of it, cannot work: another try would end the same. The message is a sentence. */
export class ProxyRefusal extends Error {
  override readonly name = 'ProxyRefusal';
}

/** Which proxy leads to `url`; undefined: none. @throws ProxyRefusal for an address that is not one. */
export type ProxyChoice = (url: URL) => URL | undefined;

/**
 * `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, in capitals or not, as curl reads them. This machine itself
 * is never asked through a proxy.
 * @param configured The editor's own setting, before the variables; `NO_PROXY` still holds.
 */
export function proxyFrom(env: NodeJS.ProcessEnv, configured?: string): ProxyChoice {
  const read = (name: string) =>
    [env[name.toLowerCase()], env[name]].find(value => value !== undefined && value.trim() !== '')?.trim();
  const exceptions = (read('NO_PROXY') ?? '').split(/[\s,]+/).filter(entry => entry !== '');
  return url => {
    if (isLoopback(url.hostname) || exceptions.some(entry => isException(entry, url))) return undefined;
    const own = configured?.trim() === '' ? undefined : configured?.trim();
    const text = own ?? read(url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY') ?? read('ALL_PROXY');
    return text === undefined ? undefined : proxyUrl(text);
  };
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

/**
 * Asks `proxy` for a way to the host of `url`, and encrypts it end to end. @throws ProxyRefusal, Error with what the
 * proxy answered.
 */
export async function openTunnel(proxy: URL, url: URL, signal: AbortSignal): Promise<tls.TLSSocket> {
  const port = url.port === '' ? 443 : Number(url.port);
  const target = `${url.hostname}:${port}`;
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
      const { statusCode = 0, statusMessage = '' } = answer;
      const text = l10n.t('The proxy {0} answered {1}.', proxy.host, `${statusCode} ${statusMessage}`.trimEnd());
      reject(statusCode >= 400 && statusCode < 500 ? new ProxyRefusal(text) : new Error(text));
    });
    request.end();
  });
  const secure = tls.connect({ socket, servername: url.hostname, ALPNProtocols: ['http/1.1'] });
  const abort = () => secure.destroy(new Error('aborted'));
  signal.addEventListener('abort', abort, { once: true });
  secure.once('close', () => signal.removeEventListener('abort', abort));
  return secure;
}

function proxyUrl(text: string): URL {
  const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol !== 'http:') {
    throw new ProxyRefusal(
      l10n.t(
        'The proxy from the settings or the environment does not have the form http://HOST:PORT, the only kind that is supported.',
      ),
    );
  }
  return url;
}

function isException(entry: string, url: URL): boolean {
  if (entry === '*') return true;
  const [, host = '', port] = /^(.*?)(?::(\d+))?$/.exec(entry.toLowerCase()) ?? [];
  if (port !== undefined && port !== (url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port)) {
    return false;
  }
  const name = host.replace(/^\*?\./, '');
  const hostname = url.hostname.toLowerCase();
  return name !== '' && (hostname === name || hostname.endsWith(`.${name}`));
}
