// File systems whose files lie in memory, as those of an archive or of a repository elsewhere do, with two pictures each: `memory` is read-only, `scratch` is not.
const { readFileSync } = require('node:fs');
const { commands, Disposable, EventEmitter, FileSystemError, FileType, Uri, workspace } = require('vscode');

const names = ['picture.png', 'second.png'];
const urisOf = scheme => names.map(name => Uri.from({ scheme, path: `/${name}` }));

function register(scheme, isReadonly) {
  const files = new Map(names.map(name => [`/${name}`, readFileSync(process.env.PALIGEMMA_TEST_MEMORY_PICTURE)]));
  const changed = new EventEmitter();
  const bytesOf = uri => {
    const bytes = files.get(uri.path);
    if (bytes === undefined) throw FileSystemError.FileNotFound(uri);
    return bytes;
  };
  const refuse = uri => { throw FileSystemError.NoPermissions(uri); };
  const provider = {
    onDidChangeFile: changed.event,
    watch: () => new Disposable(() => undefined),
    stat: uri => {
      if (uri.path === '/') return { type: FileType.Directory, ctime: 0, mtime: 0, size: 0 };
      return { type: FileType.File, ctime: 0, mtime: 0, size: bytesOf(uri).length };
    },
    readDirectory: () => [...files.keys()].map(file => [file.slice(1), FileType.File]),
    readFile: bytesOf,
    writeFile: isReadonly ? refuse : (uri, content) => { files.set(uri.path, content); },
    createDirectory: refuse, delete: refuse, rename: refuse,
  };
  return workspace.registerFileSystemProvider(scheme, provider, { isReadonly });
}

exports.activate = context => {
  const [memory, scratch] = ['memory', 'scratch'].map(urisOf);
  context.subscriptions.push(
    register('memory', true), register('scratch', false),
    commands.registerCommand('memoryFiles.open', () => commands.executeCommand('vscode.open', memory[0])),
    commands.registerCommand('memoryFiles.captionReadOnly', () => commands.executeCommand('paligemma.captionImage', memory)),
    commands.registerCommand('memoryFiles.captionWritable', () => commands.executeCommand('paligemma.captionImage', scratch)),
    commands.registerCommand('memoryFiles.openText', () => commands.executeCommand('vscode.open', Uri.from({ scheme: 'scratch', path: '/second.txt' }))),
  );
};
