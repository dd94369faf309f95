/** What can go wrong between the hub and the disk, each with its cure. */
import { HostError } from '../../../../paligemma/src/failures';
import { errorCode } from '../../util/files';
import { ConnectionFailure, FinalFailure } from './hubHttp';
import { BusyFailure } from './retries';

/** The hub knows the model and does not hand it out. */
export class AccessRefused extends HostError {
  constructor(message: string, readonly licenceUrl: string, readonly hadToken: boolean) {
    super('modelMissing', message);
  }
}

/** The server has another file than the one that was begun; the list of files has to be read anew. */
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
export function refused({ id, revision, endpoint, status, code, hadToken }: Refusal): HostError {
  const page = `${endpoint.href.replace(/\/$/, '')}/${id}`;
  if (code === 'RevisionNotFound') {
    return new HostError(
      'modelMissing',
      `${id} has no version "${revision}". Leave --revision out, or take a name that ${page}/commits/main shows.`,
    );
  }
  if (status === 404) {
    return new HostError(
      'modelMissing',
      `${endpoint.host} has no repository ${id} with a version "${revision}". Check the spelling; "paligemma models list --all" shows the published checkpoints.`,
    );
  }
  const tokens = `${endpoint.href.replace(/\/$/, '')}/settings/tokens`;
  if (!hadToken) {
    const also = code === 'RepoNotFound' ? ' (or there is no such repository: check the spelling)' : '';
    return new AccessRefused(
      `${id} is handed out only to people who accepted its licence${also}. Log in and accept it at ${page}, create a token of type "Read" at ${tokens}, and give it as HF_TOKEN, by "hf auth login", or with --token-stdin.`,
      page,
      false,
    );
  }
  if (status === 401) {
    return new AccessRefused(
      `${endpoint.host} does not accept the access token: it is wrong, expired, or of an account that may not see ${id}. Create a new one of type "Read" at ${tokens}, and accept the licence at ${page} with the same account.`,
      page,
      true,
    );
  }
  return new AccessRefused(
    `The access token is valid, but its account may not download ${id} yet. Accept the licence at ${page} with the same account; a fine-grained token also needs "Read access to contents of all public gated repos you can access" (${tokens}).`,
    page,
    true,
  );
}

/** Where a page for people came instead of data: a login page of a network, mostly. */
export function webPage(host: string): HostError {
  return new HostError(
    'weightsMissing',
    `${host} answered with a web page instead of the model. A login page of the network or a proxy may be in between: open ${host} in a browser, or correct HF_ENDPOINT, HTTPS_PROXY and NO_PROXY.`,
  );
}

export function unexpected(host: string, what: string): HostError {
  return new HostError(
    'weightsMissing',
    `${host} answered with something that is not understood: ${what}. Try again later, or check HF_ENDPOINT.`,
  );
}

export function hashMismatch(name: string, host: string): HostError {
  return new HostError(
    'weightsCorrupt',
    `${name} came twice from ${host} with other contents than its SHA-256 promises, and was thrown away. Try again; if it happens again, something on the way changes the file.`,
  );
}

/** The last failure of several tries, for the person; anything else as it is. */
export function downloadFailure(error: unknown, folder: string): unknown {
  const kept = 'What came so far is kept; the same command goes on from there.';
  if (error instanceof BusyFailure) {
    return new HostError('weightsMissing', `${error.message}. Try again later. ${kept}`, { cause: error });
  }
  if (error instanceof FinalFailure) {
    return new HostError(
      'weightsMissing',
      `The download was stopped: ${error.message}. HF_ENDPOINT, HTTPS_PROXY and NO_PROXY decide where it goes.`,
      { cause: error },
    );
  }
  if (error instanceof ConnectionFailure) {
    return new HostError(
      'weightsMissing',
      `The download broke off (${error.message}). Check the connection, and HTTPS_PROXY where there is a proxy. ${kept}`,
      { cause: error },
    );
  }
  const code = errorCode(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new HostError(
      'diskFull',
      `The disk of ${folder} is full. Free some space, or choose another place with --to FOLDER or PALIGEMMA_CACHE. ${kept}`,
      { cause: error },
    );
  }
  if (code !== undefined) {
    return new HostError(
      'cacheUnwritable',
      `${folder} cannot be written (${code}). Allow writing there, or choose another place with --to FOLDER or PALIGEMMA_CACHE.`,
      { cause: error },
    );
  }
  return error;
}

/** @param needs Bytes that are still to be written. */
export function noSpace(folder: string, needs: number, free: number, forConversion: number): HostError {
  const gb = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
  const conversion = forConversion === 0
    ? ''
    : `, ${gb(forConversion)} of them for the converted model (--no-convert leaves that for later)`;
  return new HostError(
    'diskFull',
    `The disk of ${folder} has ${gb(free)} free, and ${
      gb(needs + forConversion)
    } are needed${conversion}. Free some space, or choose another place with --to FOLDER or PALIGEMMA_CACHE.`,
  );
}
