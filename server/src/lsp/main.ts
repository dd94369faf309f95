/**
 * The language server's process: a connection from its arguments (`--stdio`, `--node-ipc`, `--socket`, `--pipe`), and
 * nothing else.
 */
import { endForCertain } from '../../../system/src/processEnd';
import { bundlePaths } from '../runs/runServices';
import { clientConnection } from './connection/transport';
import { startServer } from './server';

endForCertain();
startServer(clientConnection(process.argv.slice(2)), bundlePaths(__dirname, process.env));
