/** What an address of the net says of itself. */

/** True for this machine itself, where nothing is sent over a net. `hostname`: as a URL has it. */
export function isLoopback(hostname: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/i.test(hostname);
}

/** Whether nobody on the way can read what is sent there, as a key must not be read. */
export function isConfidential(url: { readonly protocol: string; readonly hostname: string }): boolean {
  return url.protocol === 'https:' || isLoopback(url.hostname);
}
