/** Addresses of inference servers, as a person writes them and as they are kept. */
import { HostError } from '../../../../paligemma/src/failures';

/** What `--model`, `@model` and `paligemma.model` may say of servers. */
export interface ServerName {
  /** Each ends in `/v1`. */
  readonly urls: readonly string[];
  readonly model?: string;
}

/** True for what is meant as the address of a server, well-formed or not. */
export function isServerName(name: string): boolean {
  return /^https?:\/\//i.test(name.trim());
}

/** `<url>[,<url>…][#<model>]`. @throws HostError `badArgument` */
export function readServerName(name: string): ServerName {
  const text = name.trim();
  const mark = text.indexOf('#');
  const model = mark < 0 ? '' : text.slice(mark + 1).trim();
  const urls = (mark < 0 ? text : text.slice(0, mark)).split(',').filter(part => part.trim() !== '').map(readServerUrl);
  return { urls: [...new Set(urls)], ...(model === '' ? {} : { model }) };
}

/** @returns The address up to its closing `/v1`. @throws HostError `badArgument` */
export function readServerUrl(text: string): string {
  const written = text.trim();
  const url = URL.canParse(written) ? new URL(written) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.hostname === '') {
    throw new HostError(
      'badArgument',
      `“${written}” is no address of a server. Write it like http://localhost:8000/v1.`,
    );
  }
  if (url.username !== '' || url.password !== '') {
    throw new HostError(
      'badArgument',
      `The address of ${url.host} holds a name or a password, which would be kept in the clear. Leave it out, and give the key where it is asked for or as PALIGEMMA_API_KEY.`,
    );
  }
  const place = url.pathname.replace(/\/+$/, '').replace(/\/(chat\/completions|models)$/, '');
  return `${url.origin}${place.endsWith('/v1') ? place : `${place}/v1`}`;
}

/** What `paligemma.model`, `--model` and `@model` take. */
export function serverModelId({ urls, model }: { readonly urls: readonly string[]; readonly model: string }): string {
  return `${urls.join(',')}#${model}`;
}

/** The hosts that pictures go to, for a person. */
export function hostsOf(urls: readonly string[]): string {
  return [...new Set(urls.map(url => new URL(url).host))].join(', ');
}
