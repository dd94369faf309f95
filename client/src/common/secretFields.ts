/** Secrets of messages, left out of what is written about the messages. Free of the editor. */

/** Fields of requests and answers that hold a key, a token or the password of a proxy, as JSON writes them. */
const secretField = /("(?:apiKey|token|proxyUrl)"\s*:\s*)"(?:[^"\\]|\\.)*"/g;

/** @param text JSON, or text with JSON in it. */
export function withoutSecretFields(text: string): string {
  return text.replace(secretField, '$1"…"');
}
