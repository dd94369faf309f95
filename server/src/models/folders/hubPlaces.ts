/** Where Hugging Face's own tools keep their token and their downloads, and which server they ask. */
import * as l10n from '@vscode/l10n';
import path from 'node:path';
import { readPlainText } from '../../../../system/src/plainFile';
import { Failure } from '../../../../paligemma/src/failures';
import { hubTokenVariables } from '../../util/secretVariables';
import type { Surroundings } from './cachePath';

const HUB_URL = 'https://huggingface.co';

/** Bytes of the file with the token, which is one line. */
const LONGEST_TOKEN_FILE = 1 << 16;

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
 * @returns undefined where there is none. @throws Failure badArgument for one that cannot be a token.
 */
export async function findToken(place: Place): Promise<string | undefined> {
  const own = hubTokenVariables.map(name => set(place.env[name])).find(token => token !== undefined);
  if (own !== undefined) return readToken(own, l10n.t('the environment variable HF_TOKEN'));
  const file = set(place.env['HF_TOKEN_PATH']) ?? path.join(hubHome(place), 'token');
  const text = await readPlainText(file, LONGEST_TOKEN_FILE) ?? '';
  return text.trim() === '' ? undefined : readToken(text, file);
}

/**
 * @param from Where it came from, for the sentence; the token itself is never repeated.
 * @throws Failure `accessTokenInvalid` where it is empty, or holds what cannot travel in a header.
 */
export function readToken(text: string, from: string): string {
  const token = text.trim();
  if (token === '') {
    throw new Failure(
      'accessTokenInvalid',
      l10n.t(
        'The access token from {0} is empty. Create one at {1}/settings/tokens (type “Read”) and enter it again.',
        from,
        HUB_URL,
      ),
    );
  }
  if (!/^[\x21-\x7e]{1,1000}$/.test(token)) {
    throw new Failure(
      'accessTokenInvalid',
      l10n.t(
        'The access token from {0} holds a space, a line break or another character that no token has. Copy it again, alone and in one line.',
        from,
      ),
    );
  }
  return token;
}

/** `HF_ENDPOINT` names a mirror. @throws Failure `environmentInvalid` where it is no address. */
export function hubEndpoint(env: NodeJS.ProcessEnv): URL {
  const text = set(env['HF_ENDPOINT']) ?? HUB_URL;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (
    url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:') || url.username !== ''
    || url.search !== '' || url.hash !== ''
  ) {
    throw new Failure(
      'environmentInvalid',
      l10n.t('The environment variable HF_ENDPOINT is not an address such as {0}. Correct it, or remove it.', HUB_URL),
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
