/** Regions of a suffix that comes from elsewhere than a model of this process. */
import type { SuffixRegionsParams } from '../contract/protocol';
import type { Region } from '../../../paligemma/src/facts';
import { given } from '../../../paligemma/src/given';
import { loadMaskDecoder, type MaskDecoder } from './maskDecoder';
import { findMaskDecoder } from './maskDecoderFile';
import { buildRegions } from './regions';

/** The one that was used last: many suffixes follow each other. */
let known: { readonly file: string; readonly decoder: MaskDecoder } | undefined;

/** @throws DOMException `AbortError`; Failure where the decoder that is there cannot be read. */
export async function suffixRegions(
  { suffix, widthPx, heightPx, locDivisor, decoderFolders }: SuffixRegionsParams,
  signal: AbortSignal,
): Promise<readonly Region[]> {
  const maskDecoder = suffix.includes('<seg') ? await decoderIn(decoderFolders, signal) : undefined;
  const image = { widthPx, heightPx };
  const options = { suffix, image, locDivisor, isTruncated: false, signal, ...given({ maskDecoder }) };
  return (await buildRegions(options)).regions;
}

async function decoderIn(folders: readonly string[], signal: AbortSignal): Promise<MaskDecoder | undefined> {
  const file = await findMaskDecoder(folders);
  if (file === undefined) return undefined;
  if (known?.file !== file) known = { file, decoder: await loadMaskDecoder(file, signal) };
  return known.decoder;
}
