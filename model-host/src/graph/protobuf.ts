/** The few protobuf encodings that an ONNX model needs. Source: protobuf encoding specification. */

/** Collects the fields of one message; `bytes()` gives its encoding. */
export class ProtobufMessage {
  private readonly parts: Uint8Array[] = [];

  /** int32, int64, uint32, uint64, bool and enum fields. Negative values take ten bytes, as the format asks. */
  integer(field: number, value: number | bigint): this {
    return this.varint(BigInt(field << 3)).varint(BigInt.asUintN(64, BigInt(value)));
  }

  float(field: number, value: number): this {
    this.varint(BigInt((field << 3) | 5));
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    this.parts.push(bytes);
    return this;
  }

  bytes(field: number, value: Uint8Array): this {
    this.varint(BigInt((field << 3) | 2)).varint(BigInt(value.byteLength));
    this.parts.push(value);
    return this;
  }

  string(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }

  message(field: number, value: ProtobufMessage): this {
    return this.bytes(field, value.encoded());
  }

  /** Fields that are encoded already. */
  raw(fields: Uint8Array): this {
    this.parts.push(fields);
    return this;
  }

  encoded(): Uint8Array {
    const length = this.parts.reduce((sum, part) => sum + part.byteLength, 0);
    const all = new Uint8Array(length);
    let offset = 0;
    for (const part of this.parts) {
      all.set(part, offset);
      offset += part.byteLength;
    }
    return all;
  }

  private varint(value: bigint): this {
    const bytes: number[] = [];
    for (let rest = value;; rest >>= 7n) {
      const low = Number(rest & 0x7fn);
      if (rest < 0x80n) {
        bytes.push(low);
        break;
      }
      bytes.push(low | 0x80);
    }
    this.parts.push(Uint8Array.from(bytes));
    return this;
  }
}
