// A software Vulkan device (Mesa's lavapipe), so that the WebGPU path is tested without a graphics card. Its packages
// are unpacked beside the system, never installed over it. A machine whose own adapter works is used as it is.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { root } from '../install.mjs';
import { run } from './children.mjs';
import { testCache } from '../editorHost/install.mjs';

const home = path.join(testCache, 'lavapipe', 'mesa25');
const libraries = 'root/usr/lib/x86_64-linux-gnu';
const driver = `${libraries}/libvulkan_lvp.so`;
const limitMs = 5 * 60_000;

/** ONNX model of one node, y = x · x over float32[4]: enough to see whether a session opens on the device. */
const smallestModel = 'CAg6OAoRCgF4CgF4EgF5GgFuIgNNdWwSAWdaDwoBeBIKCggIARIECgIIBGIPCgF5EgoKCAgBEgQKAggEQgIQEQ==';
const probe =
  `require('onnxruntime-node').InferenceSession.create(Buffer.from('${smallestModel}', 'base64'), { executionProviders: ['webgpu'], logSeverityLevel: 4 })
  .then(() => process.exit(0), error => { console.error(error.message); process.exit(1); })`;

/**
 * @param {(line: string) => void} print
 * @returns {Promise<{ env: Record<string, string> } | { reason: string }>} `reason`: why this machine has no WebGPU
 *   device.
 */
export async function prepare(print) {
  const own = await hasAdapter({});
  if (own.isThere) {
    print('this machine has a WebGPU adapter of its own');
    return { env: {} };
  }
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return { reason: `no WebGPU adapter (${own.message}), and software Vulkan is set up on Linux x64 only` };
  }
  if (!existsSync(path.join(home, driver))) {
    const reason = await install(print);
    if (reason !== undefined) return { reason: `no WebGPU adapter, and software Vulkan cannot be had: ${reason}` };
  }
  const env = environment();
  const software = await hasAdapter(env);
  if (!software.isThere) {
    throw new Error(`software Vulkan is installed in ${home}, but no WebGPU session opens on it: ${software.message}`);
  }
  return { env };
}

async function hasAdapter(env) {
  let message = '';
  const { code, signal } = await run(process.execPath, ['-e', probe], {
    cwd: root,
    env: { ...process.env, ...env },
    limitMs: 60_000,
    onOutput: text => {
      message += text;
    },
  });
  return { isThere: code === 0, message: message.trim().split('\n').at(-1) || `ended by ${signal ?? `code ${code}`}` };
}

function environment() {
  return {
    LD_LIBRARY_PATH: [path.join(home, libraries), process.env.LD_LIBRARY_PATH].filter(Boolean).join(':'),
    VK_ICD_FILENAMES: path.join(home, 'lavapipe.json'),
    VK_DRIVER_FILES: path.join(home, 'lavapipe.json'),
    XDG_RUNTIME_DIR: process.env.XDG_RUNTIME_DIR ?? tmpdir(),
  };
}

/**
 * Dawn refuses the Mesa of Debian 12 itself (22.3); the one of its backports (25) is good. @returns Why it cannot be
 * had.
 */
async function install(print) {
  const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  if (!/^VERSION_CODENAME=bookworm$/m.test(release)) return 'the packages are those of Debian 12';
  const mirror = debianMirror();
  if (mirror === undefined) return 'the sources of apt name no Debian mirror';
  print('Mesa 25 from bookworm-backports, unpacked beside the system');
  mkdirSync(path.dirname(home), { recursive: true });
  const work = mkdtempSync(path.join(path.dirname(home), 'partial-'));
  try {
    const failure = await download(work, mirror);
    if (failure !== undefined) return failure;
    const packages = readdirSync(path.join(work, 'debs')).filter(name => name.endsWith('.deb'));
    for (const name of packages) {
      const { code, output } = await call('dpkg-deb', ['-x', path.join(work, 'debs', name), path.join(work, 'root')]);
      if (code !== 0) return output;
    }
    for (const folder of ['debs', 'lists']) rmSync(path.join(work, folder), { recursive: true });
    if (!existsSync(path.join(work, driver))) return 'the packages hold no lavapipe';
    writeFileSync(
      path.join(work, 'lavapipe.json'),
      JSON.stringify({
        file_format_version: '1.0.0',
        ICD: { library_path: path.join(home, driver), api_version: '1.4.305' },
      }),
    );
    rmSync(home, { recursive: true, force: true });
    renameSync(work, home);
    return undefined;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Downloads with lists and packages of our own, so that the system's apt is left as it is. */
async function download(work, mirror) {
  mkdirSync(path.join(work, 'lists/partial'), { recursive: true });
  mkdirSync(path.join(work, 'debs/partial'), { recursive: true });
  const signed = '[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]';
  writeFileSync(
    path.join(work, 'sources.list'),
    `deb ${signed} ${mirror} bookworm main\ndeb ${signed} ${mirror} bookworm-backports main\n`,
  );
  const options = [
    '-qq',
    '-o',
    `Dir::Etc::sourcelist=${work}/sources.list`,
    '-o',
    'Dir::Etc::sourceparts=/dev/null',
    '-o',
    `Dir::State::lists=${work}/lists`,
    '-o',
    `Dir::Cache::archives=${work}/debs`,
    '-o',
    'Dir::Cache::pkgcache=',
    '-o',
    'Dir::Cache::srcpkgcache=',
    ...(process.getuid() === 0 ? ['-o', 'APT::Sandbox::User=root'] : []),
  ];
  const install_ = [
    '-y',
    '--no-install-recommends',
    '--download-only',
    '-t',
    'bookworm-backports',
    'install',
    'mesa-vulkan-drivers',
    'libvulkan1',
  ];
  for (const words of [['update'], install_]) {
    const { code, output } = await call('apt-get', [...options, ...words]);
    if (code !== 0) {
      return `apt-get ${words.includes('update') ? 'update' : 'install'} failed: ${
        output.trim().split('\n').slice(-3).join(' ')
      }`;
    }
  }
  return undefined;
}

/** Archive of the first Debian source that is not the security one, in either of apt's two formats. */
function debianMirror() {
  const folder = '/etc/apt/sources.list.d';
  const files = [
    '/etc/apt/sources.list',
    ...(existsSync(folder) ? readdirSync(folder).map(name => path.join(folder, name)) : []),
  ];
  const text = files.filter(file => /\.(list|sources)$/.test(file) && existsSync(file)).map(file =>
    readFileSync(file, 'utf8')
  ).join('\n');
  const uris = [...text.matchAll(/^URIs: *(\S+)/gm), ...text.matchAll(/^deb(?: +\[[^\]]*\])? +(\S+) +bookworm /gm)].map(
    ([, uri]) => uri,
  );
  return uris.find(uri => /debian/.test(uri) && !/security/.test(uri));
}

async function call(command, arguments_) {
  let output = '';
  const { code } = await run(command, arguments_, {
    cwd: root,
    limitMs,
    onOutput: text => {
      output += text;
    },
  });
  return { code, output };
}
