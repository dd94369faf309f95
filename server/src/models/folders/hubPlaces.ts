/** Where Hugging Face's own tools keep their token and their downloads, and which server they ask. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { HostError } from '../../../../paligemma/src/failures';
import type { Surroundings } from './cachePath';

export const HUB_URL = 'https://huggingface.co';

type Place = Pick<Surroundings, 'env' | 'homePath'>;

/**
 * Source: huggingface_hub, "Environment variables": `HF_HUB_CACHE`, `HF_HOME`, `XDG_CACHE_HOME`, else
 * `~/.cache/huggingface/hub`.
 */
export function hubCachePath(place: Place): string {
  return set(place.env['HF_HUB_CACHE']) ?? set(place.env['HUGGINGFACE_HUB_CACHE']) ?? path.join(hubHome(place), 'hub');
}

/**
 * The token that the user gave to Hugging Face's tools: `HF_TOKEN`, else the file that `hf auth login` writes.
 * @returns undefined where there is none. @throws HostError badArgument for one that cannot be a token.
 */
export async function findToken(place: Place): Promise<string | undefined> {
  const own = set(place.env['HF_TOKEN']) ?? set(place.env['HUGGING_FACE_HUB_TOKEN']);
  if (own !== undefined) return readToken(own, 'the environment variable HF_TOKEN');
  const file = set(place.env['HF_TOKEN_PATH']) ?? path.join(hubHome(place), 'token');
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.trim() === '' ? undefined : readToken(text, file);
}

/**
 * @param from Where it came from, for the sentence; the token itself is never repeated.
 * @throws HostError badArgument where it is empty, or holds what cannot travel in a header.
 */
export function readToken(text: string, from: string): string {
  const token = text.trim();
  if (token === '') {
    throw new HostError(
      'badArgument',
      `The access token from ${from} is empty. Create one at ${HUB_URL}/settings/tokens (type "Read") and give it again.`,
    );
  }
  if (!/^[\x21-\x7e]{1,1000}$/.test(token)) {
    throw new HostError(
      'badArgument',
      `The access token from ${from} holds a space, a line break or another character that no token has. Copy it again, alone and in one line.`,
    );
  }
  return token;
}

/** `HF_ENDPOINT` names a mirror. @throws HostError badArgument where it is no address. */
export function hubEndpoint(env: NodeJS.ProcessEnv): URL {
  const text = set(env['HF_ENDPOINT']) ?? HUB_URL;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (
    url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:') || url.username !== ''
    || url.search !== '' || url.hash !== ''
  ) {
    throw new HostError(
      'badArgument',
      `The environment variable HF_ENDPOINT is not an address such as ${HUB_URL}. Correct it, or remove it.`,
    );
  }
  return url;
}

function hubHome({ env, homePath }: Place): string {
  const own = set(env['HF_HOME']);
  if (own !== undefined) return own;
  return path.join(set(env['XDG_CACHE_HOME']) ?? path.join(homePath, '.cache'), 'huggingface');
}

function set(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' ? undefined : value.trim();
}
