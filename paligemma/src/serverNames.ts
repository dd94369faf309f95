/** Names of models on inference servers, `<url>[,<url>…]#<model>`, and the addresses in them. */
import * as l10n from '@vscode/l10n';
import { Failure } from './failures';
import { given } from './given';
import { parseUrl } from './urls';
import type { Translate } from './translate';

/** What `--model`, `@model` and `paligemma.model` may say of servers. */
export interface ServerName {
  /** Each ends in `/v1`. */
  readonly urls: readonly string[];
  readonly model?: string;
}

/** What is wrong with an address: it is not one, or it holds what would be stored in plain text. */
export type AddressFault = 'notAnAddress' | 'holdsSecret';

/** True for what is meant as the address of a server, well-formed or not. */
export function isServerName(name: string): boolean {
  return /^https?:\/\//i.test(name.trim());
}

/** `<url>[,<url>…][#<model>]`. @throws Failure `badArgument` */
export function readServerName(name: string): ServerName {
  const { addresses, model } = splitServerName(name);
  return { urls: [...new Set(addresses.map(readServerUrl))], ...given({ model }) };
}

/** The model's name on its server, from an id; the id itself if it is not that of a server. */
export function servedName(id: string): string {
  return isServerName(id) ? splitServerName(id).model ?? id : id;
}

/** The addresses as they are written. */
function splitServerName(name: string): { readonly addresses: readonly string[]; readonly model?: string } {
  const mark = name.indexOf('#');
  const model = mark < 0 ? '' : name.slice(mark + 1).trim();
  const addresses = (mark < 0 ? name : name.slice(0, mark)).split(',').map(part => part.trim()).filter(part =>
    part !== ''
  );
  return { addresses, ...given({ model: model || undefined }) };
}

/** The address up to its closing `/v1`, with the query and fragment that are not part of it; or why it is not one. */
export function parseServerUrl(
  text: string,
): { readonly url: string; readonly leftOut: string } | { readonly fault: AddressFault } {
  const url = parseUrl(text.trim());
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.hostname === '') return { fault: 'notAnAddress' };
  if (url.username !== '' || url.password !== '') return { fault: 'holdsSecret' };
  const place = url.pathname.replace(/\/+$/, '').replace(/\/(chat\/completions|models)$/, '');
  return { url: `${url.origin}${place.endsWith('/v1') ? place : `${place}/v1`}`, leftOut: url.search + url.hash };
}

/** @returns The address up to its closing `/v1`. @throws Failure `badArgument` */
export function readServerUrl(text: string): string {
  const parsed = parseServerUrl(text);
  if ('url' in parsed) return parsed.url;
  throw new Failure(
    'badArgument',
    parsed.fault === 'notAnAddress'
      ? l10n.t('“{0}” is not the address of a server. Write it like http://localhost:8000/v1.', text.trim())
      : l10n.t(
        'The address of {0} holds a name or a password, which would be stored in plain text. Leave it out, and enter the key when you are asked for it, or set PALIGEMMA_API_KEY.',
        hostOf(text),
      ),
  );
}

/** What `paligemma.model`, `--model` and `@model` take. */
export function serverModelId({ urls, model }: { readonly urls: readonly string[]; readonly model: string }): string {
  return `${urls.join(',')}#${model}`;
}

/** Host and port of an address; the text itself if it is not an address. */
export function hostOf(url: string): string {
  return parseUrl(url)?.host ?? url;
}

/** The hosts that pictures go to, each once, for a person. */
export function hostsOf(urls: readonly string[]): string {
  return [...new Set(urls.map(hostOf))].join(', ');
}

/**
 * Who answered, in parts: the model's name, and the host that the picture was sent to, where it was sent. Results that
 * do not tell the server were sent to one of those that the model's id names.
 */
export function answererOf(
  { model, server }: { readonly model: string; readonly server?: string },
): { readonly name: string; readonly hosts?: string } {
  if (server === undefined && !isServerName(model)) return { name: model };
  return {
    name: servedName(model),
    hosts: hostsOf(server === undefined ? splitServerName(model).addresses : [server]),
  };
}

/**
 * The same in the language of the editor: `google/paligemma2-3b-mix-448 on gpu:8000`.
 * @param t The texts of the process, where they are not those of `@vscode/l10n`.
 */
export function answererText(
  result: { readonly model: string; readonly server?: string },
  t: Translate = l10n.t,
): string {
  const { name, hosts } = answererOf(result);
  return hosts === undefined ? name : t('{0} on {1}', name, hosts);
}
