/**
 * Why a decoder of our own gives up: a kind that exists but is not read here, or bytes that make no sense. The message
 * is a part of a sentence that begins with the picture, such as “its compression is ZSTD”.
 */
export class PictureError extends Error {
  override readonly name = 'PictureError';
  constructor(readonly fault: 'unsupported' | 'damaged', message: string) {
    super(message);
  }
}

export function damaged(what: string): PictureError {
  return new PictureError('damaged', what);
}

export function unsupported(what: string): PictureError {
  return new PictureError('unsupported', what);
}
