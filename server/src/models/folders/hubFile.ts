/** A file of a repository as its hub lists it: what a download is made of, and what is kept of one that is under way. */

/** `gitSha1` is the id of a git blob: SHA-1 over `blob <bytes>`, a zero byte and the contents. */
export interface Digest {
  readonly algorithm: 'sha256' | 'gitSha1';
  /** Hexadecimal, lower case. */
  readonly hex: string;
}

export interface HubFile {
  readonly name: string;
  readonly bytes: number;
  readonly digest: Digest | undefined;
}
