/**
 * Inference servers in words: their addresses, hosts and what is to be known before one is used. Free of the editor.
 */
import { given } from '../../../paligemma/src/given';
import { isConfidential } from '../../../paligemma/src/addresses';
import { hostsOf, parseServerUrl, type AddressFault } from '../../../paligemma/src/serverNames';
import type { MaskSupport, ServedModel, ServerProbe } from '../../../server/src/contract/protocol';
import { tameJoined } from '../common/tame';
import type { Translate } from '../../../paligemma/src/translate';

/** Reads one address or several, separated by commas; `problem` is a sentence for the person. */
export function readServerUrls(
  text: string,
  t: Translate,
): { readonly urls: readonly string[] } | { readonly problem: string } {
  const urls = new Set<string>();
  for (const part of text.split(/[,\s]+/).filter(part => part !== '')) {
    const parsed = parseServerUrl(part);
    if ('fault' in parsed) return { problem: faultText(parsed.fault, part, t) };
    // A query may be a key, and a fragment a model: neither is passed over in silence where it is typed.
    if (parsed.leftOut !== '') return { problem: faultText('holdsSecret', part, t) };
    urls.add(parsed.url);
  }
  if (urls.size === 0) return { problem: t('Enter the address of a server, for example http://localhost:8000') };
  return { urls: [...urls] };
}

function faultText(fault: AddressFault, part: string, t: Translate): string {
  switch (fault) {
    case 'notAnAddress':
      return t('{0} is not an address such as http://localhost:8000', part);
    case 'holdsSecret':
      return t(
        'An address must not contain a key, a name or a password; you are asked for a key if the server wants one.',
      );
  }
}

/** What a secret is kept for. */
export function originOf(url: string): string {
  return new URL(url).origin;
}

/** How answers of a server compare with those of this machine. */
export function maskText(mask: MaskSupport, t: Translate): string {
  switch (mask) {
    case 'prefix':
      return t('It reads prompts the way the model was trained: answers as on this machine');
    case 'causal':
      return t(
        'It reads prompts differently from the way the model was trained: answers differ from those on this machine and are often worse',
      );
    case 'unknown':
      return t(
        'It is not known whether it reads prompts the way the model was trained: answers may differ from those on this machine',
      );
  }
}

/** The models that all of the servers have, each with the worst that any of them told of it. */
export function commonModels(probes: readonly ServerProbe[]): readonly ServedModel[] {
  const [first, ...others] = probes;
  return (first?.models ?? []).flatMap(model => {
    const same = others.map(({ models }) => models.find(({ id }) => id === model.id));
    if (same.includes(undefined)) return [];
    const all = [model, ...same.filter(one => one !== undefined)];
    const mask = (['causal', 'unknown', 'prefix'] as const).find(candidate => all.some(one => one.mask === candidate))
      ?? 'unknown';
    const resolutionPx = all.map(one => one.resolutionPx).find(px => px !== undefined);
    const note = all.map(one => one.note).find(text => text !== undefined);
    return [{
      ...model,
      mask,
      ...given({ resolutionPx, note }),
    }];
  });
}

/** What the person agrees to; one paragraph each. */
export function consentText({ mask, note }: ServedModel, urls: readonly string[], t: Translate): string {
  const isOpen = urls.some(url => !isConfidential(new URL(url)));
  const paragraphs = [
    t(
      'Every picture that you run a prompt on, and the prompt, are sent to {0} while this model is chosen. Do this only with a server that you trust with them.',
      hostsOf(urls),
    ),
    ...(isOpen ? [t('The connection is not encrypted (http): others in the network can see the pictures.')] : []),
    ...(mask === 'prefix' ? [] : [`${maskText(mask, t)}.`]),
    ...(note === undefined ? [] : [note]),
  ];
  return tameJoined(paragraphs, '\n\n');
}
