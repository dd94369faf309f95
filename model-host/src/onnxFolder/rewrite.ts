/**
 * A published graph as it is given to the runtime: the same nodes, weights left on disk, and of the decoder the last
 * row of logits only. The files themselves stay as they are.
 */
import { ProtobufMessage } from '../graph/protobuf';
import { onnxFields, type OnnxFile, type OnnxNode } from './onnxFile';
import { fieldsOf, type Field, type FileBytes } from './protobufReader';

export interface RewriteOptions {
  /** Under which name the runtime finds the graph's own file. */
  readonly ownName: string;
  /** The name for a location of the graph; all lie in one folder. */
  readonly nameOf: (location: string) => string;
  /** Computes this output, [B, S, V], for the last position only. */
  readonly lastRowOf?: string;
  /** Lets 4-bit matrices take 8-bit activations where the graph leaves that open. */
  readonly hasFastMatrices?: boolean;
}

/** Weights of this length and more are left in the file; shapes and other small constants must be in the graph. */
const KEEP_INSIDE_BYTES = 64 * 1024;
/** As in our own graphs. Source: onnxruntime `MatMulNBits`, attribute accuracy_level: 4 is int8. */
const ACCURACY_LEVEL = 4;
const SLICE = 'paligemma/last_row';

export function rewriteModel(bytes: FileBytes, file: OnnxFile, options: RewriteOptions): Uint8Array {
  const model = new ProtobufMessage();
  for (const field of fieldsOf(bytes, 0, bytes.length)) {
    if (field.start === file.graph.start) model.message(field.number, rewriteGraph(bytes, file, options));
    else model.raw(bytes.read(field.start, field.end));
  }
  return model.encoded();
}

function rewriteGraph(bytes: FileBytes, file: OnnxFile, options: RewriteOptions): ProtobufMessage {
  const projection = options.lastRowOf === undefined ? undefined : projectionOf(options.lastRowOf, file.nodes);
  const nodes = new Map(file.nodes.map(node => [node.field.start, node]));
  const graph = new ProtobufMessage();
  for (const field of fieldsOf(bytes, file.graph.contentStart, file.graph.end)) {
    const node = nodes.get(field.start);
    if (node !== undefined) {
      if (node === projection) graph.message(onnxFields.graph.node, sliceNode(node.inputs[0] ?? ''));
      graph.message(onnxFields.graph.node, rewriteNode(bytes, node, node === projection, options));
    } else if (field.number === onnxFields.graph.initializer) {
      graph.message(field.number, rewriteTensor(bytes, field, options));
    } else graph.raw(bytes.read(field.start, field.end));
  }
  if (projection !== undefined) {
    for (const [name, value] of [['starts', -1n], ['ends', 2n ** 62n], ['axes', 1n]] as const) {
      graph.message(onnxFields.graph.initializer, integerTensor(`${SLICE}/${name}`, value));
    }
  }
  return graph;
}

/** Matrix products whose first input is what they multiply. */
const products = ['MatMul', 'MatMulNBits', 'MatMulBnb4', 'MatMulInteger', 'FusedMatMul'];
/** What may lie between the product and the output: it treats every row alike. */
const elementwise = ['Tanh', 'Div', 'Mul', 'Add', 'Cast', 'Identity'];

/**
 * The product that the output's values come from, through nodes that treat every row alike; undefined where that is not
 * certain.
 */
export function projectionOf(output: string, nodes: readonly OnnxNode[]): OnnxNode | undefined {
  const producers = new Map(nodes.flatMap(node => node.outputs.map(name => [name, node] as const)));
  const search = (name: string, depth: number): OnnxNode | undefined => {
    const node = producers.get(name);
    if (node === undefined || depth > 16) return undefined;
    if (products.includes(node.op)) return node;
    if (!elementwise.includes(node.op)) return undefined;
    for (const input of node.inputs) {
      const found = search(input, depth + 1);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return search(output, 0);
}

function sliceNode(input: string): ProtobufMessage {
  const node = new ProtobufMessage().string(1, input);
  for (const name of ['starts', 'ends', 'axes']) node.string(1, `${SLICE}/${name}`);
  return node.string(2, `${SLICE}/output_0`).string(3, `${SLICE}/Slice`).string(4, 'Slice');
}

function rewriteNode(
  bytes: FileBytes,
  node: OnnxNode,
  takesLastRow: boolean,
  options: RewriteOptions,
): ProtobufMessage {
  const message = new ProtobufMessage();
  let inputs = 0;
  for (const part of fieldsOf(bytes, node.field.contentStart, node.field.end)) {
    const isFirstInput = part.number === onnxFields.node.input && inputs++ === 0;
    if (isFirstInput && takesLastRow) message.string(onnxFields.node.input, `${SLICE}/output_0`);
    else if (part.number === onnxFields.node.attribute) {
      message.message(part.number, rewriteAttribute(bytes, part, options));
    } else message.raw(bytes.read(part.start, part.end));
  }
  const isOpen = options.hasFastMatrices === true && node.op === 'MatMulNBits'
    && !node.attributes.includes('accuracy_level');
  return isOpen
    ? message.message(
      onnxFields.node.attribute,
      new ProtobufMessage().string(1, 'accuracy_level').integer(3, ACCURACY_LEVEL).integer(20, 2),
    )
    : message;
}

function rewriteAttribute(bytes: FileBytes, attribute: Field, options: RewriteOptions): ProtobufMessage {
  const { tensor, tensors, graph, graphs } = onnxFields.attribute;
  const message = new ProtobufMessage();
  for (const field of fieldsOf(bytes, attribute.contentStart, attribute.end)) {
    const isMessage = field.kind === 'bytes';
    if (isMessage && (field.number === tensor || field.number === tensors)) {
      message.message(field.number, rewriteTensor(bytes, field, options));
    } else if (isMessage && (field.number === graph || field.number === graphs)) {
      message.message(field.number, rewriteInnerGraph(bytes, field, options));
    } else message.raw(bytes.read(field.start, field.end));
  }
  return message;
}

function rewriteInnerGraph(bytes: FileBytes, graph: Field, options: RewriteOptions): ProtobufMessage {
  const message = new ProtobufMessage();
  for (const field of fieldsOf(bytes, graph.contentStart, graph.end)) {
    if (field.number === onnxFields.graph.initializer) {
      message.message(field.number, rewriteTensor(bytes, field, options));
    } else message.raw(bytes.read(field.start, field.end));
  }
  return message;
}

/**
 * Weights inside the graph's file become external data of that very file; locations become names that the runtime
 * finds.
 */
function rewriteTensor(bytes: FileBytes, tensor: Field, options: RewriteOptions): ProtobufMessage {
  const message = new ProtobufMessage();
  for (const field of fieldsOf(bytes, tensor.contentStart, tensor.end)) {
    const length = field.end - field.contentStart;
    if (field.number === onnxFields.tensor.raw && length >= KEEP_INSIDE_BYTES) {
      for (
        const [key, value] of [['location', options.ownName], ['offset', String(field.contentStart)], [
          'length',
          String(length),
        ]] as const
      ) message.message(onnxFields.tensor.external, entry(key, value));
      message.integer(onnxFields.tensor.location, 1);
    } else if (field.number === onnxFields.tensor.external) {
      message.message(field.number, rewriteEntry(bytes, field, options));
    } else message.raw(bytes.read(field.start, field.end));
  }
  return message;
}

function rewriteEntry(bytes: FileBytes, field: Field, { nameOf }: RewriteOptions): ProtobufMessage {
  const texts = new Map(
    [...fieldsOf(bytes, field.contentStart, field.end)].map(
      part => [part.number, bytes.text(part.contentStart, part.end)],
    ),
  );
  const key = texts.get(onnxFields.entry.key) ?? '';
  const value = texts.get(onnxFields.entry.value) ?? '';
  return entry(key, key === 'location' ? nameOf(value) : value);
}

function entry(key: string, value: string): ProtobufMessage {
  return new ProtobufMessage().string(onnxFields.entry.key, key).string(onnxFields.entry.value, value);
}

/** TensorProto: dims = 1, data_type = 2 (7 is int64), name = 8, raw_data = 9. */
function integerTensor(name: string, value: bigint): ProtobufMessage {
  return new ProtobufMessage().integer(1, 1).integer(2, 7).string(8, name).bytes(
    9,
    new Uint8Array(BigInt64Array.of(value).buffer),
  );
}
