// Writes a VSIX: a zip with the extension's files and two descriptions of them. The same input gives the same bytes.
import path from 'node:path';
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import JSZip from 'jszip';
import { contentOf } from './contents.mjs';
import { publishingOf } from './publishing.mjs';

const contentTypes = {
  '.cjs': 'application/node',
  '.css': 'text/css',
  '.dll': 'application/octet-stream',
  '.dylib': 'application/octet-stream',
  '.jpg': 'image/jpeg',
  '.js': 'application/javascript',
  '.json': 'application/json',
  '.md': 'text/markdown',
  '.node': 'application/octet-stream',
  '.paligemma': 'text/plain',
  '.png': 'image/png',
  '.safetensors': 'application/octet-stream',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain',
  '.vsixmanifest': 'text/xml',
};
const fallbackType = 'application/octet-stream';
/** What the editor and the Marketplace look for. */
const assets = {
  'package.json': 'Microsoft.VisualStudio.Code.Manifest',
  'README.md': 'Microsoft.VisualStudio.Services.Content.Details',
  'CHANGELOG.md': 'Microsoft.VisualStudio.Services.Content.Changelog',
  'LICENSE.txt': 'Microsoft.VisualStudio.Services.Content.License',
};

/**
 * @param {string} file Absolute path of the VSIX.
 * @param {readonly import('./contents.mjs').Entry[]} entries Sorted; with a package.json that names its `icon`.
 * @param {string} target
 * @param {Date} time The time stamp of every entry.
 */
export async function writeVsix(file, entries, target, time) {
  const manifest = JSON.parse(contentOf(entries.find(entry => entry.path === 'package.json')).toString('utf8'));
  const texts = JSON.parse(contentOf(entries.find(entry => entry.path === 'package.nls.json')).toString('utf8'));
  const zip = new JSZip();
  const add = (name, content, mode = 0o644) =>
    zip.file(name, content, { date: time, createFolders: false, unixPermissions: 0o100000 | mode });
  add('extension.vsixmanifest', vsixManifest(manifest, texts, entries, target));
  add('[Content_Types].xml', contentTypesXml(entries));
  for (const entry of entries) {
    add(`extension/${entry.path}`, contentOf(entry), entry.path === 'dist/cli.js' ? 0o755 : 0o644);
  }
  const stream = zip.generateNodeStream({
    platform: 'UNIX',
    compression: 'DEFLATE',
    compressionOptions: { level: 6 },
    streamFiles: false,
  });
  await pipeline(stream, createWriteStream(file));
}

/** Source of the format: the manifest that @vscode/vsce 3.9.2 writes for the same package. */
function vsixManifest(manifest, texts, entries, target) {
  const text = value => xml(/^%(.+)%$/.test(value) ? texts[value.slice(1, -1)] : value);
  const paths = new Set(entries.map(entry => entry.path));
  const property = (id, value) =>
    value === undefined ? undefined : `      <Property Id="Microsoft.VisualStudio.${id}" Value="${xml(value)}" />`;
  const asset = (type, place) => `    <Asset Type="${type}" Path="extension/${xml(place)}" Addressable="true" />`;
  const { repository, bugs, homepage } = publishingOf(manifest);
  const isOnGitHub = repository?.startsWith('https://github.com/') === true;
  // As vsce does it: a repository is linked with its .git.
  const source = repository && `${repository}.git`;
  return `<?xml version="1.0" encoding="utf-8"?>
<PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011" xmlns:d="http://schemas.microsoft.com/developer/vsx-schema-design/2011">
  <Metadata>
    <Identity Language="en-US" Id="${xml(manifest.name)}" Version="${xml(manifest.version)}" Publisher="${
    xml(manifest.publisher)
  }" TargetPlatform="${xml(target)}" />
    <DisplayName>${text(manifest.displayName)}</DisplayName>
    <Description xml:space="preserve">${text(manifest.description)}</Description>
    <Tags>${xml(tags(manifest).join(','))}</Tags>
    <Categories>${xml(manifest.categories.join(','))}</Categories>
    <GalleryFlags>Public</GalleryFlags>
    <Properties>
${
    [
      property('Code.Engine', manifest.engines.vscode),
      property('Code.ExtensionDependencies', ''),
      property('Code.ExtensionPack', ''),
      property('Code.ExtensionKind', (manifest.extensionKind ?? ['workspace']).join(',')),
      // Of language packs only.
      property('Code.LocalizedLanguages', ''),
      property('Code.EnabledApiProposals', ''),
      property('Code.ExecutesCode', 'true'),
      property('Services.Links.Source', source),
      property('Services.Links.Getstarted', source),
      property(isOnGitHub ? 'Services.Links.GitHub' : 'Services.Links.Repository', source),
      property('Services.Links.Support', bugs),
      property('Services.Links.Learn', homepage),
      property('Services.Branding.Color', manifest.galleryBanner?.color),
      property('Services.Branding.Theme', manifest.galleryBanner?.theme),
      property('Services.GitHubFlavoredMarkdown', 'true'),
      property('Services.Content.Pricing', manifest.pricing),
      property('Services.EnableMarketplaceQnA', manifest.qna === 'marketplace' ? 'true' : undefined),
    ].filter(line => line !== undefined).join('\n')
  }
    </Properties>
    <License>extension/LICENSE.txt</License>
    <Icon>extension/${xml(manifest.icon)}</Icon>
  </Metadata>
  <Installation>
    <InstallationTarget Id="Microsoft.VisualStudio.Code" />
  </Installation>
  <Dependencies />
  <Assets>
${
    [
      ...Object.entries(assets).filter(([place]) => paths.has(place)).map(([place, type]) => asset(type, place)),
      asset('Microsoft.VisualStudio.Services.Icons.Default', manifest.icon),
    ].join('\n')
  }
  </Assets>
</PackageManifest>
`;
}

/** The keywords, and what the Marketplace finds an extension by that contributes languages, snippets or keys. */
function tags({ keywords = [], contributes = {} }) {
  const languages = (contributes.languages ?? []).flatMap(({ id, aliases = [], extensions = [] }) => [
    id,
    ...aliases.map(alias => alias.replace(/[^\w.-]/g, '')),
    ...extensions.map(ending => `__ext_${ending.slice(1)}`),
  ]);
  const kinds = { snippets: 'snippet', keybindings: 'keybindings' };
  const contributed = Object.keys(kinds).filter(kind => contributes[kind]?.length > 0).map(kind => kinds[kind]);
  return [...new Set([...keywords, ...contributed, ...languages])];
}

function contentTypesXml(entries) {
  const endings = [...new Set(['.vsixmanifest', ...entries.map(entry => path.posix.extname(entry.path).toLowerCase())])]
    .filter(ending => ending !== '').sort();
  const defaults = endings.map(ending =>
    `<Default Extension="${xml(ending)}" ContentType="${contentTypes[ending] ?? fallbackType}"/>`
  );
  return `<?xml version="1.0" encoding="utf-8"?>\n<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">${
    defaults.join('')
  }</Types>\n`;
}

function xml(value) {
  return String(value).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll(
    '"',
    '&quot;',
  );
}
