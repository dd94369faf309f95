// The packages of the other platforms cannot be run here: their content is looked at, down to the headers of the native
// files.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { nativePlatform } from '../support/binaryFormat';
import { listPackages, type ListedPackage } from '../support/packages';

const targets = ['linux-x64', 'linux-arm64', 'darwin-arm64', 'win32-x64', 'win32-arm64'];
/** What the runtime and sharp load, and nothing else that is native. */
const natives: Readonly<Record<string, readonly RegExp[]>> = {
  linux: [
    /onnxruntime_binding\.node$/,
    /libonnxruntime\.so\.1$/,
    /sharp-linux-\w+-[\d.]+\.node$/,
    /libvips-cpp\.so\.[\d.]+$/,
  ],
  darwin: [
    /onnxruntime_binding\.node$/,
    /libonnxruntime\.1\.dylib$/,
    /sharp-darwin-\w+-[\d.]+\.node$/,
    /libvips-cpp\.[\d.]+\.dylib$/,
  ],
  win32: [
    /onnxruntime_binding\.node$/,
    /\/onnxruntime\.dll$/,
    /DirectML\.dll$/,
    /dxcompiler\.dll$/,
    /dxil\.dll$/,
    /sharp-win32-\w+-[\d.]+\.node$/,
    /libvips-\d+\.dll$/,
    /libvips-cpp-[\d.]+\.dll$/,
  ],
};

const isNative = (name: string): boolean => /\.(node|dll|dylib|so(\.[\d.]+)?)$/.test(name);

function check({ target, entries, unpacked, maxBytes }: ListedPackage): void {
  const wanted = natives[target.split('-')[0] ?? ''] ?? [];
  const found = entries.filter(entry => isNative(entry.path));
  assert.equal(found.length, wanted.length, found.map(entry => entry.path).join('\n'));
  for (const pattern of wanted) {
    assert.equal(found.filter(entry => pattern.test(entry.path)).length, 1, String(pattern));
  }
  for (const { path: name, file } of found) assert.equal(nativePlatform(readFileSync(file ?? '')), target, name);
  assert.ok(unpacked <= maxBytes.unpacked, `${unpacked} bytes unpacked, at most ${maxBytes.unpacked}`);
  assert.ok(unpacked > maxBytes.unpacked / 2, 'the bound is near enough to notice something large');
}

// One call for all: each would make the bundles anew.
const listed = listPackages(['--target', targets.join(',')]);

for (const target of targets) {
  test(`${target}: the native files of this platform and of no other`, t => {
    if ('unreachable' in listed) return t.skip(`the registry does not answer: ${listed.unreachable}`);
    check(listed.find(entry => entry.target === target) ?? assert.fail(`${target} is not listed`));
  });
}

test('a platform without a package is refused with the names of those that have one', () => {
  assert.throws(
    () => listPackages(['--target', 'linux-mips']),
    /only for linux-x64, linux-arm64, darwin-arm64, win32-x64, win32-arm64/,
  );
});
