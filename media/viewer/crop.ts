/** Cuts a region out of the picture. */
import type { Box } from '../../paligemma/src/facts';
import type { Size } from './placement';

/** Canvases beyond this fail in some browsers, pixels. */
const LONGEST_SIDE = 8192;

/**
 * @param picture Size that the box refers to.
 * @throws Error where the browser cannot read the picture or draw so much.
 */
export async function cropped(imageSrc: string, box: Box, picture: Size): Promise<Blob> {
  const image = new Image();
  // Else the canvas may not be read again.
  image.crossOrigin = 'anonymous';
  image.src = imageSrc;
  await image.decode();
  const [scaleX, scaleY] = [image.naturalWidth / picture.width, image.naturalHeight / picture.height];
  const from = { x: Math.floor(box.x1 * scaleX), y: Math.floor(box.y1 * scaleY) };
  const size = {
    width: Math.max(1, Math.ceil(box.x2 * scaleX) - from.x),
    height: Math.max(1, Math.ceil(box.y2 * scaleY) - from.y),
  };
  const scale = Math.min(1, LONGEST_SIDE / Math.max(size.width, size.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(size.width * scale));
  canvas.height = Math.max(1, Math.round(size.height * scale));
  canvas.getContext('2d')?.drawImage(image, from.x, from.y, size.width, size.height, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) =>
    canvas.toBlob(
      blob => blob === null ? reject(new Error('The region could not be drawn.')) : resolve(blob),
      'image/png',
    )
  );
}

/** True where the clipboard took the picture. */
export async function copyPicture(png: Promise<Blob>): Promise<boolean> {
  try {
    // The promise goes in as it is: waiting for it first would lose the click that allows to write.
    await navigator.clipboard.write([new ClipboardItem({ 'image/png': png })]);
    return true;
  } catch {
    return false;
  }
}

export async function base64Of(blob: Blob): Promise<string> {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let binary = '';
  for (let i = 0; i < bytes.length; i += 0x8000) binary += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return btoa(binary);
}
