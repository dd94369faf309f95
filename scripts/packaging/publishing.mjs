// What a package's page needs of the manifest. package.json is the one place of these fields; `repository` is the
// owner's to fill in, and what follows from it is made here.

/** Where the hosts that the Marketplace and npm know keep a file of a repository: as a page, and as bytes. */
const hosts = {
  'github.com': { page: '/blob/HEAD/', bytes: '/raw/HEAD/', issues: '/issues' },
  'gitlab.com': { page: '/-/blob/HEAD/', bytes: '/-/raw/HEAD/', issues: '/-/issues' },
};

/**
 * @typedef {{ repository?: string, bugs?: string, homepage?: string, pages?: string, pictures?: string }} Publishing
 *   Addresses; `pages`, `pictures`: what a path of the checkout is appended to, for a link and for a picture. All are
 *   absent where the manifest names no repository.
 * @param {{ repository?: { url: string }, bugs?: { url: string }, homepage?: string }} manifest
 * @returns {Publishing}
 * @throws Error where the repository's address is of no form that can be used.
 */
export function publishingOf({ repository, bugs, homepage }) {
  if (repository === undefined) return { bugs: bugs?.url, homepage };
  const [, address, host] = /^(?:git\+)?(https:\/\/([^/]+)\/[^/]+\/.+?)(?:\.git)?$/.exec(repository.url ?? '') ?? [];
  if (address === undefined) {
    throw new Error(
      'package.json: "repository" must be { "type": "git", "url": "https://…/OWNER/NAME.git" }, since addresses of pages and pictures follow from it.',
    );
  }
  const known = hosts[host];
  return {
    repository: address,
    bugs: bugs?.url ?? (known && address + known.issues),
    homepage: homepage ?? (known && `${address}#readme`),
    pages: known && address + known.page,
    pictures: known && address + known.bytes,
  };
}

/**
 * What the owner has still to fill in before publishing.
 * @returns {string[]} Sentences.
 */
export function unfilled(manifest) {
  const { repository, pictures } = publishingOf(manifest);
  if (repository === undefined) {
    return [
      'package.json names no "repository": until its owner fills it in, the README and the list of changes are packed without pictures and links, and pages of the package name no place for problems.',
    ];
  }
  if (pictures !== undefined) return [];
  return [
    `package.json names a "repository" whose pictures have no address that is known (scripts/packaging/publishing.mjs knows ${
      Object.keys(hosts).join(' and ')
    }): the README and the list of changes are packed without pictures and links.`,
  ];
}
