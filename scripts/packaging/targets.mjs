// The platforms that a VSIX is made for, and what each needs of the native packages.

const megabyte = 1_000_000;

/**
 * `os`, `cpu`: as Node.js names them. `onnxruntime`: the files of bin/napi-v6/<os>/<cpu> that a run needs; macOS has
 * its library twice, and the binding asks for this name. `sharp`: the native files of @img/sharp-<target>; `libvips`:
 * that of
 * @img/sharp-libvips-<target>, where it is a package of its own. `maxBytes`: upper bounds, of the VSIX and of what it
 *   unpacks to.
 */
export const targets = {
  'linux-x64': {
    os: 'linux',
    cpu: 'x64',
    maxBytes: { packed: 40 * megabyte, unpacked: 90 * megabyte },
    onnxruntime: ['libonnxruntime.so.1', 'onnxruntime_binding.node'],
    sharp: [/^lib\/sharp-linux-x64-[\d.]+\.node$/],
    libvips: [/^lib\/libvips-cpp\.so\.[\d.]+$/],
  },
  'linux-arm64': {
    os: 'linux',
    cpu: 'arm64',
    maxBytes: { packed: 40 * megabyte, unpacked: 90 * megabyte },
    onnxruntime: ['libonnxruntime.so.1', 'onnxruntime_binding.node'],
    sharp: [/^lib\/sharp-linux-arm64-[\d.]+\.node$/],
    libvips: [/^lib\/libvips-cpp\.so\.[\d.]+$/],
  },
  'darwin-arm64': {
    os: 'darwin',
    cpu: 'arm64',
    maxBytes: { packed: 40 * megabyte, unpacked: 90 * megabyte },
    onnxruntime: ['libonnxruntime.1.dylib', 'onnxruntime_binding.node'],
    sharp: [/^lib\/sharp-darwin-arm64-[\d.]+\.node$/],
    libvips: [/^lib\/libvips-cpp\.[\d.]+\.dylib$/],
  },
  'win32-x64': {
    os: 'win32',
    cpu: 'x64',
    maxBytes: { packed: 60 * megabyte, unpacked: 115 * megabyte },
    onnxruntime: ['DirectML.dll', 'dxcompiler.dll', 'dxil.dll', 'onnxruntime.dll', 'onnxruntime_binding.node'],
    sharp: [/^lib\/sharp-win32-x64-[\d.]+\.node$/, /^lib\/libvips-[\d]+\.dll$/, /^lib\/libvips-cpp-[\d.]+\.dll$/],
  },
  'win32-arm64': {
    os: 'win32',
    cpu: 'arm64',
    maxBytes: { packed: 60 * megabyte, unpacked: 115 * megabyte },
    onnxruntime: ['DirectML.dll', 'dxcompiler.dll', 'dxil.dll', 'onnxruntime.dll', 'onnxruntime_binding.node'],
    sharp: [/^lib\/sharp-win32-arm64-[\d.]+\.node$/, /^lib\/libvips-[\d]+\.dll$/, /^lib\/libvips-cpp-[\d.]+\.dll$/],
  },
};

/** Upper bound of the npm package, in bytes; it holds the runtime for every platform. */
export const npmMaxBytes = { packed: 120 * megabyte, unpacked: 290 * megabyte };

/** @throws Error with the numbers, where a package is larger than its bounds. */
export function checkSize(name, { packed, unpacked }, maxBytes) {
  if (packed <= maxBytes.packed && unpacked <= maxBytes.unpacked) return;
  throw new Error(
    `${name} has ${packed} bytes, ${unpacked} unpacked; at most ${maxBytes.packed} and ${maxBytes.unpacked} are allowed (scripts/packaging/targets.mjs). Look at what was added with --list.`,
  );
}

/** @throws Error with the known names, where there is no such target. */
export function targetNamed(name) {
  if (!Object.hasOwn(targets, name)) {
    throw new Error(`there is no package for "${name}", only for ${Object.keys(targets).join(', ')}.`);
  }
  return targets[name];
}

/**
 * The packages that are copied because they cannot be bundled, and what of each is shipped. A pattern without a match
 * is an error: a new version then has other files.
 * @returns {{ name: string, keep: readonly (string | RegExp)[] }[]}
 */
export function copiedPackages(name) {
  const { os, cpu, onnxruntime, sharp, libvips } = targetNamed(name);
  const native = onnxruntime.map(file => `bin/napi-v6/${os}/${cpu}/${file}`);
  const manifest = 'package.json';
  const licence = /^LICENSE(\.md)?$/;
  return [
    { name: 'onnxruntime-node', keep: [manifest, /^dist\/[\w-]+\.js$/, ...native] },
    { name: 'onnxruntime-common', keep: [manifest, /^dist\/cjs\/[\w-]+\.js$/, 'dist/cjs/package.json'] },
    { name: '@hyzyla/pdfium', keep: [manifest, licence, /^dist\/(index\.cjs|pdfium\.wasm)$/] },
    { name: 'libheif-js', keep: [manifest, licence, /^libheif-wasm\/(LICENSE|libheif\.(js|wasm))$/] },
    { name: 'sharp', keep: [manifest, licence, /^dist\/\w+\.cjs$/] },
    { name: '@img/colour', keep: [manifest, licence, /^\w+\.cjs$/] },
    { name: 'detect-libc', keep: [manifest, licence, /^lib\/[\w-]+\.js$/] },
    { name: 'semver', keep: [manifest, licence, 'index.js', /^(classes|functions|internal|ranges)\/[\w-]+\.js$/] },
    {
      name: `@img/sharp-${name}`,
      keep: [
        manifest,
        licence,
        'index.cjs',
        ...sharp,
        ...(libvips === undefined ? ['README.md', 'versions.json'] : []),
      ],
    },
    ...(libvips === undefined
      ? []
      : [{
        name: `@img/sharp-libvips-${name}`,
        keep: [manifest, 'README.md', 'versions.json', 'lib/index.js', ...libvips],
      }]),
  ];
}

/**
 * What the npm package carries in itself: the runtime, for all platforms as its own package has it. If npm installed
 * that, it would run its script, which downloads CUDA libraries on Linux, and fails where it cannot.
 * @returns {{ name: string, keep: readonly (string | RegExp)[] }[]}
 */
export function carriedPackages() {
  const copied = Object.keys(targets).flatMap(copiedPackages);
  return ['onnxruntime-node', 'onnxruntime-common'].map(name => {
    const patterns = copied.filter(other => other.name === name).flatMap(({ keep }) => keep);
    return { name, keep: [...new Map(patterns.map(pattern => [String(pattern), pattern])).values()] };
  });
}

/**
 * Production packages of the lock file that are not shipped: only onnxruntime-node's install script uses them, for its
 * CUDA download.
 */
export const installOnlyPackages = { 'onnxruntime-node': ['adm-zip', 'global-agent'] };
