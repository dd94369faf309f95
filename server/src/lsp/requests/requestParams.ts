/** Checks the parameters of requests about pictures in texts. */
import { HostError } from '../../../../paligemma/src/failures';
import type { ImagesAtParams } from '../../contract/imageLinks';

/** @throws HostError `badArgument` */
export function readImagesAt(params: unknown): ImagesAtParams {
  const { documentUri, line, character, target } = (params ?? {}) as { readonly [K in keyof ImagesAtParams]?: unknown };
  const isPlace = [line, character].every(value => Number.isSafeInteger(value) && (value as number) >= 0);
  if (typeof documentUri !== 'string' || !isPlace || (target !== undefined && typeof target !== 'string')) {
    throw new HostError(
      'badArgument',
      'The request for pictures in a text is not well formed: it needs documentUri, line and character.',
    );
  }
  return params as ImagesAtParams;
}
