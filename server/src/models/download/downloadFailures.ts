/** What can go wrong between the hub and the disk, each with its cure. */
import * as l10n from '@vscode/l10n';
import { decimal } from '../../../../paligemma/src/words';
import { Failure } from '../../../../paligemma/src/failures';
import { errorCode } from '../../util/files';
import { ConnectionFailure, FinalFailure } from './hubHttp';
import { BusyFailure } from './retries';

/** The hub knows the model and does not hand it out. */
export class AccessRefused extends Failure {
  constructor(message: string, readonly licenceUrl: string, readonly hadToken: boolean) {
    super('modelMissing', message);
  }
}

/**
 * The server has another file than the one that was begun; the list of files has to be read anew. The message is a
 * sentence.
 */
export class RepositoryChanged extends Error {
  override readonly name = 'RepositoryChanged';
}

export interface Refusal {
  readonly id: string;
  readonly revision: string;
  readonly endpoint: URL;
  readonly status: number;
  /** The header `x-error-code`. Source: huggingface_hub, `utils/_http.py`. */
  readonly code: string | undefined;
  readonly hadToken: boolean;
}

/** 401, 403, 404 and their kin as a sentence. */
export function refused({ id, revision, endpoint, status, code, hadToken }: Refusal): Failure {
  const page = `${endpoint.href.replace(/\/$/, '')}/${id}`;
  if (code === 'RevisionNotFound') {
    return new Failure(
      'modelMissing',
      l10n.t(
        '{0} has no version “{1}”. Leave --revision out, or use a name that {2}/commits/main shows.',
        id,
        revision,
        page,
      ),
    );
  }
  if (status === 404) {
    return new Failure(
      'modelMissing',
      l10n.t(
        '{0} has no repository {1} with a version “{2}”. Check the spelling; “paligemma models list --all” shows the published checkpoints.',
        endpoint.host,
        id,
        revision,
      ),
    );
  }
  return accessRefused(page, { id, endpoint, status, code, hadToken });
}

/** `page`: where the licence is accepted. */
function accessRefused(page: string, refusal: Omit<Refusal, 'revision'>): AccessRefused {
  const { id, endpoint, status, code, hadToken } = refusal;
  const tokens = `${endpoint.href.replace(/\/$/, '')}/settings/tokens`;
  if (!hadToken) {
    return withoutToken(id, code, page, tokens);
  }
  if (status === 401) {
    return new AccessRefused(
      l10n.t(
        '{0} does not accept the access token: it is wrong, expired, or belongs to an account that may not see {1}. Create a new one of type “Read” at {2}, and accept the licence at {3} with the same account.',
        endpoint.host,
        id,
        tokens,
        page,
      ),
      page,
      true,
    );
  }
  return new AccessRefused(
    l10n.t(
      'The access token is valid, but its account may not download {0} yet. Accept the licence at {1} with the same account; a fine-grained token also needs “Read access to contents of all public gated repos you can access” ({2}).',
      id,
      page,
      tokens,
    ),
    page,
    true,
  );
}

function withoutToken(id: string, code: string | undefined, page: string, tokens: string): AccessRefused {
  return new AccessRefused(
    code === 'RepoNotFound'
      ? l10n.t(
        '{0} is available only to people who have accepted its licence (or there is no such repository: check the spelling). Log in and accept it at {1}, create a token of type “Read” at {2}, and pass it as HF_TOKEN, with “hf auth login”, or with --token-stdin.',
        id,
        page,
        tokens,
      )
      : l10n.t(
        '{0} is available only to people who have accepted its licence. Log in and accept it at {1}, create a token of type “Read” at {2}, and pass it as HF_TOKEN, with “hf auth login”, or with --token-stdin.',
        id,
        page,
        tokens,
      ),
    page,
    false,
  );
}

/** Where a page for people came instead of data: a login page of a network, mostly. */
export function webPage(host: string): Failure {
  return new Failure(
    'weightsMissing',
    l10n.t(
      '{0} answered with a web page instead of the model. A login page of the network or a proxy may be in between: open {0} in a browser, or correct HF_ENDPOINT, HTTPS_PROXY and NO_PROXY.',
      host,
    ),
  );
}

/** @param what A sentence: what came. */
export function unexpected(host: string, what: string): Failure {
  return new Failure(
    'weightsMissing',
    l10n.t(
      '{0} answered with something that could not be understood. {1} Try again later, or check HF_ENDPOINT.',
      host,
      what,
    ),
  );
}

export function hashMismatch(name: string, host: string): Failure {
  return new Failure(
    'weightsCorrupt',
    l10n.t(
      '{0} came twice from {1} with contents that do not match its SHA-256, and was discarded. Try again; if it happens again, something on the way changes the file.',
      name,
      host,
    ),
  );
}

/** The last failure of several tries, for the person; anything else as it is. */
export function downloadFailure(error: unknown, folder: string): unknown {
  if (error instanceof BusyFailure) {
    return new Failure(
      'weightsMissing',
      l10n.t(
        '{0} Try again later. What has arrived so far is kept; the same command continues from there.',
        error.message,
      ),
      { cause: error },
    );
  }
  if (error instanceof FinalFailure) {
    return new Failure(
      'weightsMissing',
      l10n.t(
        'The download was stopped. {0} HF_ENDPOINT, HTTPS_PROXY and NO_PROXY decide where it goes.',
        error.message,
      ),
      { cause: error },
    );
  }
  if (error instanceof ConnectionFailure) {
    return new Failure(
      'weightsMissing',
      l10n.t(
        'The download was interrupted. {0} Check the connection, and HTTPS_PROXY if there is a proxy. What has arrived so far is kept; the same command continues from there.',
        error.message,
      ),
      { cause: error },
    );
  }
  const code = errorCode(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new Failure(
      'diskFull',
      l10n.t(
        'The disk of {0} is full. Free some space, or choose another place with --to FOLDER or PALIGEMMA_CACHE. What has arrived so far is kept; the same command continues from there.',
        folder,
      ),
      { cause: error },
    );
  }
  if (code !== undefined) {
    return new Failure(
      'cacheUnwritable',
      l10n.t(
        '{0} cannot be written ({1}). Allow writing there, or choose another place with --to FOLDER or PALIGEMMA_CACHE.',
        folder,
        code,
      ),
      { cause: error },
    );
  }
  return error;
}

/** @param needs Bytes that are still to be written. */
export function noSpace(folder: string, needs: number, free: number, forConversion: number): Failure {
  const gb = (bytes: number) => decimal(`${(bytes / 1e9).toFixed(1)} GB`);
  return new Failure(
    'diskFull',
    forConversion === 0
      ? l10n.t(
        'The disk of {0} has {1} free, but {2} is needed. Free some space, or choose another place with --to FOLDER or PALIGEMMA_CACHE.',
        folder,
        gb(free),
        gb(needs),
      )
      : l10n.t(
        'The disk of {0} has {1} free, but {2} is needed, {3} of them for the converted model (--no-convert leaves that until later). Free some space, or choose another place with --to FOLDER or PALIGEMMA_CACHE.',
        folder,
        gb(free),
        gb(needs + forConversion),
        gb(forConversion),
      ),
  );
}
