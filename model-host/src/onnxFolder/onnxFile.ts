/** What a graph file declares, read without its weights. Source: onnx/onnx `onnx.proto`. */
import { fieldsOf, type Field, type FileBytes } from './protobufReader';

/** A declared input or output. */
export interface DeclaredValue {
  readonly name: string;
  /** Number of ONNX's element type; 0 where none is declared. */
  readonly elementType: number;
  /** Sizes; undefined where they are free. */
  readonly shape: readonly (number | undefined)[];
}

/** ONNX's numbers of the element types that inputs may have. */
export const elementTypes = { float32: 1, int64: 7, bool: 9, float16: 10 } as const;

export interface OnnxNode {
  readonly field: Field;
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: readonly string[];
}

/** Where weights lie beside the graph, as the graph says. */
export interface ExternalEntry {
  readonly location: string;
  readonly offset: number;
  /** Undefined where the entry leaves it open. */
  readonly length: number | undefined;
}

export interface OnnxFile {
  readonly graph: Field;
  readonly inputs: readonly DeclaredValue[];
  readonly outputs: readonly DeclaredValue[];
  readonly nodes: readonly OnnxNode[];
  /** Of all tensors, those in nodes and inner graphs included. */
  readonly external: readonly ExternalEntry[];
}

/** Fields of the messages that are read here. */
export const onnxFields = {
  model: { graph: 7 },
  graph: { node: 1, initializer: 5, input: 11, output: 12, sparse: 15 },
  node: { input: 1, output: 2, op: 4, attribute: 5 },
  attribute: { name: 1, tensor: 5, graph: 6, tensors: 10, graphs: 11 },
  tensor: { raw: 9, external: 13, location: 14 },
  entry: { key: 1, value: 2 },
} as const;

/** @throws RangeError where the file holds no model. */
export function readOnnxFile(bytes: FileBytes): OnnxFile {
  let graph: Field | undefined;
  for (const field of fieldsOf(bytes, 0, bytes.length)) {
    if (field.number === onnxFields.model.graph && field.kind === 'bytes') graph = field;
  }
  if (graph === undefined) throw new RangeError('there is no graph in it');
  const file = {
    graph,
    inputs: [] as DeclaredValue[],
    outputs: [] as DeclaredValue[],
    nodes: [] as OnnxNode[],
    external: [] as ExternalEntry[],
  };
  for (const field of fieldsOf(bytes, graph.contentStart, graph.end)) {
    if (field.number === onnxFields.graph.input) file.inputs.push(readValue(bytes, field));
    else if (field.number === onnxFields.graph.output) file.outputs.push(readValue(bytes, field));
    else if (field.number === onnxFields.graph.node) file.nodes.push(readNode(bytes, field));
  }
  collectGraph(bytes, graph, file.external, 0);
  return file;
}

/** What one tensor says of its external data; undefined where its weights are inside. */
export function externalEntry(bytes: FileBytes, tensor: Field): ExternalEntry | undefined {
  const entries = new Map<string, string>();
  for (const field of fieldsOf(bytes, tensor.contentStart, tensor.end)) {
    if (field.number !== onnxFields.tensor.external || field.kind !== 'bytes') continue;
    let key = '';
    let value = '';
    for (const part of fieldsOf(bytes, field.contentStart, field.end)) {
      if (part.number === onnxFields.entry.key) key = bytes.text(part.contentStart, part.end);
      else if (part.number === onnxFields.entry.value) value = bytes.text(part.contentStart, part.end);
    }
    entries.set(key, value);
  }
  if (entries.size === 0) return undefined;
  const length = entries.get('length');
  return {
    location: entries.get('location') ?? '',
    offset: wholeNumber(entries.get('offset') ?? '0'),
    length: length === undefined ? undefined : wholeNumber(length),
  };
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new RangeError(`${JSON.stringify(text)} is no position in a file`);
  }
  return value;
}

/** Deeper nesting is nothing that an exporter writes. */
const DEEPEST_GRAPH = 8;

function collectGraph(bytes: FileBytes, graph: Field, found: ExternalEntry[], depth: number): void {
  if (depth > DEEPEST_GRAPH) throw new RangeError('its graphs are nested too deeply');
  for (const field of fieldsOf(bytes, graph.contentStart, graph.end)) {
    if (field.number === onnxFields.graph.initializer) collectTensor(bytes, field, found);
    else if (field.number === onnxFields.graph.sparse) throw new RangeError('it holds sparse weights');
    else if (field.number === onnxFields.graph.node) {
      for (const part of fieldsOf(bytes, field.contentStart, field.end)) {
        if (part.number === onnxFields.node.attribute) collectAttribute(bytes, part, found, depth);
      }
    }
  }
}

function collectAttribute(bytes: FileBytes, attribute: Field, found: ExternalEntry[], depth: number): void {
  const { tensor, tensors, graph, graphs } = onnxFields.attribute;
  for (const field of fieldsOf(bytes, attribute.contentStart, attribute.end)) {
    if (field.kind !== 'bytes') continue;
    if (field.number === tensor || field.number === tensors) collectTensor(bytes, field, found);
    else if (field.number === graph || field.number === graphs) collectGraph(bytes, field, found, depth + 1);
  }
}

function collectTensor(bytes: FileBytes, tensor: Field, found: ExternalEntry[]): void {
  const entry = externalEntry(bytes, tensor);
  if (entry !== undefined) found.push(entry);
}

function readNode(bytes: FileBytes, field: Field): OnnxNode {
  const node = { field, op: '', inputs: [] as string[], outputs: [] as string[], attributes: [] as string[] };
  for (const part of fieldsOf(bytes, field.contentStart, field.end)) {
    if (part.kind !== 'bytes') continue;
    if (part.number === onnxFields.node.input) node.inputs.push(bytes.text(part.contentStart, part.end));
    else if (part.number === onnxFields.node.output) node.outputs.push(bytes.text(part.contentStart, part.end));
    else if (part.number === onnxFields.node.op) node.op = bytes.text(part.contentStart, part.end);
    else if (part.number === onnxFields.node.attribute) node.attributes.push(nameOf(bytes, part));
  }
  return node;
}

function nameOf(bytes: FileBytes, attribute: Field): string {
  for (const field of fieldsOf(bytes, attribute.contentStart, attribute.end)) {
    if (field.number === onnxFields.attribute.name) return bytes.text(field.contentStart, field.end);
  }
  return '';
}

/**
 * ValueInfoProto: name = 1, type = 2; in it tensor_type = 1 with elem_type = 1, shape = 2; there dim = 1 with dim_value
 * = 1.
 */
function readValue(bytes: FileBytes, field: Field): DeclaredValue {
  let name = '';
  let elementType = 0;
  const shape: (number | undefined)[] = [];
  for (const part of fieldsOf(bytes, field.contentStart, field.end)) {
    if (part.number === 1) name = bytes.text(part.contentStart, part.end);
    else if (part.number === 2) {
      for (const tensor of children(bytes, part, 1)) {
        for (const detail of fieldsOf(bytes, tensor.contentStart, tensor.end)) {
          if (detail.number === 1) elementType = detail.value;
          else if (detail.number === 2) { for (const dim of children(bytes, detail, 1)) shape.push(dimOf(bytes, dim)); }
        }
      }
    }
  }
  return { name, elementType, shape };
}

function dimOf(bytes: FileBytes, dim: Field): number | undefined {
  for (const field of fieldsOf(bytes, dim.contentStart, dim.end)) {
    if (field.number === 1 && field.kind === 'varint') return field.value;
  }
  return undefined;
}

function children(bytes: FileBytes, parent: Field, number: number): Field[] {
  return [...fieldsOf(bytes, parent.contentStart, parent.end)].filter(field =>
    field.number === number && field.kind === 'bytes'
  );
}
