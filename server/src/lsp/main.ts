/**
 * The language server's process: a connection from its arguments (`--stdio`, `--node-ipc`, `--socket`, `--pipe`), and
 * nothing else.
 */
import { endForCertain } from '../../../system/src/processEnd';
import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { bundlePaths } from '../runs/runServices';
import { startServer } from './server';

endForCertain();
startServer(createConnection(ProposedFeatures.all), bundlePaths(__dirname, process.env));
