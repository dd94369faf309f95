/** The model host process: JSON-RPC over the IPC channel of its parent, and an orderly end. */
import { IpcWriter } from '../../system/src/ipcWriter';
import { endForCertain } from '../../system/src/processEnd';
import { stackText } from '../../paligemma/src/words';
import path from 'node:path';
import { createMessageConnection, IPCMessageReader } from 'vscode-jsonrpc/node';
import * as host from './contract/protocol';
import { LocalEngine } from './engines/local';
import { RemoteEngine } from './engines/remote/remoteEngine';
import { PartedPictures } from './image/partedPictures';
import { RoutingEngine } from './routing';
import { HostLog } from './wire/hostLog';
import { speakAsParent } from './wire/words';
import { registerRequests } from './requests';
import { selfTest } from './selfTest';

speakAsParent();
if (process.argv.includes('--self-test')) {
  selfTest().then(
    result => process.stdout.write(`${JSON.stringify(result)}\n`),
    (error: unknown) => {
      process.stderr.write(`${stackText(error)}\n`);
      process.exitCode = 1;
    },
  );
} else if (process.send === undefined) {
  process.stderr.write(
    'This is the model host of PaliGemma 2; it is started by the language server or by "paligemma". Try --self-test.\n',
  );
  process.exitCode = 2;
} else {
  serve();
}

function serve(): void {
  const connection = createMessageConnection(new IPCMessageReader(process), new IpcWriter(process));
  const log = new HostLog(record => void connection.sendNotification(host.log, record).catch(() => undefined));
  const exit = () => process.exit(0);
  endForCertain();
  // The parent is gone: nobody is left to answer, and a model of gigabytes must not stay behind. An orderly end would
  // stop model threads in the middle of native runs, which the runtime answers with an abort.
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  // Ctrl+C in a terminal reaches the whole group of processes; the parent decides what it means for a run.
  process.on('SIGINT', () => undefined);
  process.on('unhandledRejection', error => log.error('host.process', error));
  registerRequests(connection, {
    log,
    createEngine: cachePath => {
      const parts = new PartedPictures();
      return new RoutingEngine(
        new LocalEngine(cachePath, log, path.join(__dirname, 'model-thread.js'), parts),
        new RemoteEngine(path.join(cachePath, 'models'), log, { parts }),
        parts,
      );
    },
    exit,
  });
  connection.listen();
}
