/**
 * Builds an ONNX model node by node; large weights stay in data files beside it. Source: onnx/onnx `onnx.proto`, IR
 * version 10.
 */
import { ProtobufMessage } from './protobuf';

/** Name of a value in the graph. Node names are paths, and a node's outputs are `<node>/output_<i>`. */
export type Value = string & { readonly __value: unique symbol };

export type ElementType = 'float32' | 'uint8' | 'int8' | 'int64' | 'bool' | 'float16';
const ELEMENT_TYPES: Readonly<Record<ElementType, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int64: 7,
  bool: 9,
  float16: 10,
};
/** ONNX opset of the default domain: 20 is the first with Gelu. */
const OPSET = 21;
const IR_VERSION = 10;
const MICROSOFT = 'com.microsoft';

/** Where an initialiser's bytes lie: a file in the model's folder. */
export interface ExternalData {
  readonly location: string;
  readonly offset: number;
  readonly length: number;
}

/** A whole number becomes an int attribute, a {@link float} a float one. */
export type Attribute = number | string | readonly number[] | { readonly float: number } | GraphBuilder;
export const float = (value: number): Attribute => ({ float: value });

/** A number is a fixed size, a string names a free dimension. */
export type Dimension = number | string;

/** `positions`: which outputs of the operator are used. */
interface NewNode {
  readonly op: string;
  readonly scope: string;
  readonly inputs: readonly (Value | undefined)[];
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly positions: readonly number[];
  readonly domain: string;
}

interface GraphNode {
  readonly op: string;
  readonly name: string;
  readonly domain: string;
  /** An empty name is an input left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

export class GraphBuilder {
  private readonly nodes: GraphNode[] = [];
  private readonly initializers: ProtobufMessage[] = [];
  private readonly inputs: ProtobufMessage[] = [];
  private readonly outputs: ProtobufMessage[] = [];
  private readonly constants = new Map<string, Value>();
  /** Values that have the name of an output instead of their own. */
  private readonly outputNames = new Map<string, string>();

  /** @param parent Graph around a subgraph; its values can be used inside, its initialisers are shared. */
  constructor(private readonly name: string, private readonly parent?: GraphBuilder) {}

  input(name: string, type: ElementType, shape: readonly Dimension[]): Value {
    this.inputs.push(valueInfo(name, type, shape));
    return name as Value;
  }

  /**
   * Gives a value the name under which a run returns it. What a node makes is renamed; an Identity would be a copy in
   * every run.
   */
  output(name: string, value: Value, type: ElementType, shape: readonly Dimension[]): void {
    const isMadeHere = this.nodes.some(({ outputs }) => outputs.includes(value));
    if (isMadeHere && !this.outputNames.has(value)) {
      this.outputNames.set(value, name);
    } else {
      const copy = { op: 'Identity', name: `${name}/Identity`, domain: '', attributes: {} };
      this.nodes.push({ ...copy, inputs: [value], outputs: [name] });
    }
    this.outputs.push(valueInfo(name, type, shape));
  }

  /** A node of the default domain with one output. */
  node(
    op: string,
    scope: string,
    inputs: readonly (Value | undefined)[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): Value {
    return this.add({ op, scope, inputs, attributes, positions: [0], domain: '' })[0]!;
  }

  /**
   * A node of constants alone, with one output, listed before all others. Of the inputs of a node the runtime runs
   * those first that are listed last: so this one runs right before it is needed, and not at the very beginning with
   * all of its kind, whose outputs would all be in memory at once. Source: onnxruntime `core/graph/graph.cc`,
   * ReverseDFSFrom; measured at 3B: 0.5 instead of 1.5 GB.
   */
  earlyNode(
    op: string,
    scope: string,
    inputs: readonly Value[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): Value {
    const value = this.node(op, scope, inputs, attributes);
    this.nodes.unshift(this.nodes.pop()!);
    return value;
  }

  /** A node of ONNX Runtime's own domain with one output. */
  contrib(
    op: string,
    scope: string,
    inputs: readonly (Value | undefined)[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): Value {
    return this.add({ op, scope, inputs, attributes, positions: [0], domain: MICROSOFT })[0]!;
  }

  /** Like {@link node}, with outputs `0 … count − 1`. */
  manyNode(
    op: string,
    scope: string,
    inputs: readonly (Value | undefined)[],
    count: number,
    attributes: Readonly<Record<string, Attribute>> = {},
  ): Value[] {
    const positions = Array.from({ length: count }, (_, index) => index);
    return this.add({ op, scope, inputs, attributes, positions, domain: '' });
  }

  /** Like {@link contrib}, with the outputs whose positions are given; the others are left out. */
  manyContrib(
    op: string,
    scope: string,
    inputs: readonly (Value | undefined)[],
    positions: readonly number[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): Value[] {
    return this.add({ op, scope, inputs, attributes, positions, domain: MICROSOFT });
  }

  /** A constant tensor of whole numbers; equal ones are stored once. */
  integers(values: readonly number[], shape: readonly number[] = [values.length]): Value {
    return this.constant(
      `int64/${shape.join('x')}/${values.join('_')}`,
      'int64',
      shape,
      new Uint8Array(BigInt64Array.from(values, BigInt).buffer),
    );
  }

  /** A float scalar. */
  scalar(value: number): Value {
    return this.constant(`float32/${value}`, 'float32', [], new Uint8Array(Float32Array.of(value).buffer));
  }

  /** An initialiser whose bytes lie in a data file. */
  external(name: string, type: ElementType, shape: readonly number[], data: ExternalData): Value {
    const proto = tensorProto(name, type, shape);
    for (const [key, value] of Object.entries(data)) {
      proto.message(13, new ProtobufMessage().string(1, key).string(2, String(value)));
    }
    this.initializers.push(proto.integer(14, 1));
    return name as Value;
  }

  subgraph(name: string): GraphBuilder {
    return new GraphBuilder(name, this.parent ?? this);
  }

  /** GraphProto. */
  graph(): ProtobufMessage {
    const proto = new ProtobufMessage();
    for (const node of this.nodes) proto.message(1, this.nodeProto(node));
    proto.string(2, this.name);
    for (const initializer of this.initializers) proto.message(5, initializer);
    for (const input of this.inputs) proto.message(11, input);
    for (const output of this.outputs) proto.message(12, output);
    return proto;
  }

  /** The whole model file. */
  model(): Uint8Array {
    return new ProtobufMessage()
      .integer(1, IR_VERSION).string(2, 'paligemma').message(7, this.graph())
      .message(8, new ProtobufMessage().string(1, '').integer(2, OPSET))
      .message(8, new ProtobufMessage().string(1, MICROSOFT).integer(2, 1))
      .encoded();
  }

  private constant(name: string, type: ElementType, shape: readonly number[], bytes: Uint8Array): Value {
    if (this.parent !== undefined) return this.parent.constant(name, type, shape, bytes);
    const known = this.constants.get(name);
    if (known !== undefined) return known;
    this.initializers.push(tensorProto(name, type, shape).bytes(9, bytes));
    this.constants.set(name, name as Value);
    return name as Value;
  }

  private add({ op, scope, inputs, attributes, positions, domain }: NewNode): Value[] {
    const name = `${scope}/${op}`;
    const outputs = Array.from(
      { length: Math.max(...positions) + 1 },
      (_, index) => (positions.includes(index) ? `${name}/output_${index}` : ''),
    );
    this.nodes.push({ op, name, domain, inputs: inputs.map(input => input ?? ''), outputs, attributes });
    return positions.map(position => outputs[position] as Value);
  }

  /** Written when the whole graph is: only then are the names of its outputs known. */
  private nodeProto({ op, name, domain, inputs, outputs, attributes }: GraphNode): ProtobufMessage {
    const proto = new ProtobufMessage();
    for (const input of inputs) proto.string(1, this.finalName(input));
    for (const output of outputs) proto.string(2, this.finalName(output));
    proto.string(3, name).string(4, op);
    for (const [key, value] of Object.entries(attributes)) proto.message(5, attributeProto(key, value));
    return domain === '' ? proto : proto.string(7, domain);
  }

  private finalName(value: string): string {
    return this.outputNames.get(value) ?? this.parent?.finalName(value) ?? value;
  }
}

function attributeProto(name: string, value: Attribute): ProtobufMessage {
  const proto = new ProtobufMessage().string(1, name);
  if (typeof value === 'number') return proto.integer(3, value).integer(20, 2);
  if (typeof value === 'string') return proto.string(4, value).integer(20, 3);
  if (value instanceof GraphBuilder) return proto.message(6, value.graph()).integer(20, 5);
  if ('float' in value) return proto.float(2, value.float).integer(20, 1);
  for (const entry of value) proto.integer(8, entry);
  return proto.integer(20, 7);
}

function tensorProto(name: string, type: ElementType, shape: readonly number[]): ProtobufMessage {
  const proto = new ProtobufMessage();
  for (const dim of shape) proto.integer(1, dim);
  return proto.integer(2, ELEMENT_TYPES[type]).string(8, name);
}

function valueInfo(name: string, type: ElementType, shape: readonly Dimension[]): ProtobufMessage {
  const dims = new ProtobufMessage();
  for (const dim of shape) {
    dims.message(
      1,
      typeof dim === 'string' ? new ProtobufMessage().string(2, dim) : new ProtobufMessage().integer(1, dim),
    );
  }
  const tensor = new ProtobufMessage().integer(1, ELEMENT_TYPES[type]).message(2, dims);
  return new ProtobufMessage().string(1, name).message(2, new ProtobufMessage().message(1, tensor));
}
