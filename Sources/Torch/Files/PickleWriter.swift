/// Writes values as `torch.save` does: a pickle of protocol 2, and the storages it refers to.
struct PickleWriter {
  private(set) var bytes: [UInt8] = []
  /// One tensor for each storage, in the order of their keys "0", "1", …
  private(set) var storages: [Tensor] = []
  private var keys: [Tensor.StorageIdentity: Int] = [:]

  init(_ value: PickleValue) {
    bytes = [0x80, 2]
    write(value)
    bytes.append(UInt8(ascii: "."))
  }

  private mutating func write(_ value: PickleValue) {
    switch value {
    case .none: opcode("N")
    case .bool(let value): bytes.append(value ? 0x88 : 0x89)
    case .int(let value): write(value)
    case .double(let value):
      opcode("G")
      append(value.bitPattern.byteSwapped)
    case .string(let value): write(value)
    case .tensor(let tensor): write(tensor)
    case .unread: opcode("N")  // refused by CheckpointFile.save
    case .list(let items):
      opcode("]")
      if items.isEmpty { return }
      opcode("(")
      items.forEach { write($0) }
      opcode("e")
    case .tuple(let items): writeTuple(items)
    case .dictionary(let pairs):
      opcode("}")
      if pairs.isEmpty { return }
      opcode("(")
      for pair in pairs {
        write(pair.key)
        write(pair.value)
      }
      opcode("u")
    }
  }

  private mutating func write(_ value: Int) {
    if let value = UInt8(exactly: value) {
      opcode("K")
      append(value)
    } else if let value = UInt16(exactly: value) {
      opcode("M")
      append(value)
    } else if let value = Int32(exactly: value) {
      opcode("J")
      append(value)
    } else {
      bytes += [0x8A, 8]
      append(Int64(value))
    }
  }

  private mutating func write(_ value: String) {
    opcode("X")
    append(UInt32(value.utf8.count))
    bytes += value.utf8
  }

  private mutating func writeTuple(_ items: [PickleValue]) {
    if items.count > 3 { opcode("(") }
    items.forEach { write($0) }
    switch items.count {
    case 0: opcode(")")
    case 1...3: bytes.append(0x84 + UInt8(items.count))
    default: opcode("t")
    }
  }

  /// `torch._utils._rebuild_tensor_v2(storage, offset, sizes, strides, requires_grad, hooks)`
  private mutating func write(_ tensor: Tensor) {
    let storage = key(for: tensor)
    let layout = tensor.layout
    global("torch._utils", "_rebuild_tensor_v2")
    opcode("(")
    opcode("(")
    write("storage")
    global("torch", ElementType.storageName(tensor.dtype))
    write(String(storage))
    write("cpu")
    write(tensor.wholeStorage.count)
    opcode("t")
    opcode("Q")
    write(layout.offset)
    writeTuple(layout.shape.map { .int($0) })
    writeTuple(layout.strides.map { .int($0) })
    write(.bool(tensor.requiresGrad))
    global("collections", "OrderedDict")
    opcode(")")
    opcode("R")
    opcode("t")
    opcode("R")
  }

  private mutating func key(for tensor: Tensor) -> Int {
    // Empty storages have no address to tell them apart, and nothing to share.
    let identity = tensor.storageIdentity
    if identity.address != nil, let known = keys[identity] { return known }
    storages.append(tensor)
    keys[identity] = storages.count - 1
    return storages.count - 1
  }

  private mutating func global(_ module: String, _ name: String) {
    opcode("c")
    bytes += "\(module)\n\(name)\n".utf8
  }

  private mutating func opcode(_ opcode: Unicode.Scalar) { bytes.append(UInt8(ascii: opcode)) }

  private mutating func append<T: FixedWidthInteger>(_ value: T) {
    Swift.withUnsafeBytes(of: value.littleEndian) { bytes += $0 }
  }
}
