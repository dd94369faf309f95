// A read-only file system whose files lie in memory, as those of an archive or of a repository elsewhere do: one picture.
const { readFileSync } = require('node:fs');
const { commands, Disposable, EventEmitter, FileSystemError, FileType, Uri, workspace } = require('vscode');

exports.activate = context => {
  const name = 'picture.png';
  const bytes = readFileSync(process.env.PALIGEMMA_TEST_MEMORY_PICTURE);
  const changed = new EventEmitter();
  const refuse = uri => { throw FileSystemError.NoPermissions(uri); };
  const provider = {
    onDidChangeFile: changed.event,
    watch: () => new Disposable(() => undefined),
    stat: uri => {
      if (uri.path === '/') return { type: FileType.Directory, ctime: 0, mtime: 0, size: 0 };
      if (uri.path !== `/${name}`) throw FileSystemError.FileNotFound(uri);
      return { type: FileType.File, ctime: 0, mtime: 0, size: bytes.length };
    },
    readDirectory: () => [[name, FileType.File]],
    readFile: uri => {
      if (uri.path !== `/${name}`) throw FileSystemError.FileNotFound(uri);
      return bytes;
    },
    writeFile: refuse, createDirectory: refuse, delete: refuse, rename: refuse,
  };
  context.subscriptions.push(
    workspace.registerFileSystemProvider('memory', provider, { isReadonly: true }),
    commands.registerCommand('memoryFiles.open', () => commands.executeCommand('vscode.open', Uri.from({ scheme: 'memory', path: `/${name}` }))),
  );
};
