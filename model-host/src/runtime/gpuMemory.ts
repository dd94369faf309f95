/** How much memory the machine's GPU has, as far as the system tells. */
import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { totalmem } from 'node:os';
import path from 'node:path';
import { readPlainText } from '../../../system/src/plainFile';

/**
 * Of a Mac's memory that Metal recommends for the GPU at most. Source: `recommendedMaxWorkingSetSize` of Apple silicon,
 * two thirds to three quarters.
 */
const MAC_PART = 2 / 3;
const QUERY_TIMEOUT_MS = 3_000;
const DRM_FOLDER = '/sys/class/drm';
/** Its files hold a number, and say that they have the length of a page of memory. */
const MOST_DIGITS = 2 ** 16;

/** Bytes of the largest GPU; undefined where the system does not say. Never rejects. */
export async function gpuMemoryBytes(): Promise<number | undefined> {
  if (process.platform === 'darwin') return process.arch === 'arm64' ? totalmem() * MAC_PART : undefined;
  const sizes = [...(await nvidiaBytes()), ...(process.platform === 'linux' ? await drmBytes() : [])];
  return sizes.length === 0 ? undefined : Math.max(...sizes);
}

/**
 * Comes with the driver. On Windows by its whole path: a bare name would be looked for in the current folder first,
 * which may be anybody's.
 */
const NVIDIA_SMI = process.platform === 'win32'
  ? path.join(process.env['SystemRoot'] ?? 'C:\\Windows', 'System32', 'nvidia-smi.exe')
  : 'nvidia-smi';

/** One number of MiB a line. */
function nvidiaBytes(): Promise<number[]> {
  return new Promise(resolve => {
    // Also where it cannot be ended: a driver that hangs keeps whoever asks it in a call of the system.
    const limit = setTimeout(() => resolve([]), QUERY_TIMEOUT_MS + 500);
    execFile(NVIDIA_SMI, ['--query-gpu=memory.total', '--format=csv,noheader,nounits'], {
      timeout: QUERY_TIMEOUT_MS,
      killSignal: 'SIGKILL',
      windowsHide: true,
    }, (error, stdout) => {
      clearTimeout(limit);
      resolve(error === null ? mebibytesOf(stdout) : []);
    });
  });
}

/** Sizes in bytes of lines that each hold a number of MiB. */
export function mebibytesOf(text: string): number[] {
  return text.split('\n').map(line => Number.parseInt(line, 10)).filter(size => size > 0).map(size => size * 2 ** 20);
}

/** Source: Linux, `Documentation/gpu/amdgpu/driver-misc.rst`: `mem_info_vram_total` of the amdgpu driver, bytes. */
async function drmBytes(): Promise<number[]> {
  const cards = await readdir(DRM_FOLDER).catch((): string[] => []);
  const sizes = await Promise.all(
    cards.filter(name => /^card\d+$/.test(name)).map(async card =>
      Number(await readPlainText(path.join(DRM_FOLDER, card, 'device/mem_info_vram_total'), MOST_DIGITS) ?? '')
    ),
  );
  return sizes.filter(size => size > 0);
}
