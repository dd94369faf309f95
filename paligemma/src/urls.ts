/** Addresses taken apart, as every process does it. */

/** The parts that are looked at. */
export interface Url {
  readonly protocol: string;
  readonly origin: string;
  readonly host: string;
  readonly hostname: string;
  readonly username: string;
  readonly password: string;
  readonly pathname: string;
  readonly search: string;
  readonly hash: string;
}

/** Every process has it; the libraries that this folder is compiled with do not. Source: WHATWG URL Standard. */
declare const URL: {
  canParse(text: string): boolean;
  new(text: string): Url;
};

/** Undefined for what is no address. */
export function parseUrl(text: string): Url | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}
