import Platform

/// Reads Python pickles (protocols 2 to 5) of plain values and tensors, and runs nothing.
///
/// Only the names of ``PickleGlobal`` are understood; everything else that would call code is
/// refused. Any sequence of bytes gives a value or an error. The opcodes are those of CPython's
/// `pickletools`; their use follows `torch.save` of PyTorch 2.11.
struct PickleReader {
  let path: String
  private let bytes: UnsafeRawBufferPointer
  /// The next byte to read; after ``read()``, the one behind the pickle.
  private(set) var position: Int
  private(set) var items = PickleItems()

  private var stack: [PickleItem] = []
  private var marks: [Int] = []
  private var memo: [Int: PickleItem] = [:]

  /// `bytes` must outlive the reader.
  init(_ bytes: UnsafeRawBufferPointer, at position: Int = 0, path: String) {
    self.bytes = bytes
    self.position = position
    self.path = path
  }

  /// Reads one pickle.
  mutating func read() throws -> PickleItem {
    stack = []
    marks = []
    memo = [:]
    while true {
      let opcode = try byte()
      if opcode == UInt8(ascii: ".") { return try pop() }
      try perform(opcode)
    }
  }

  private mutating func perform(_ opcode: UInt8) throws {
    switch opcode {
    case 0x80:  // PROTO
      let version = try byte()
      guard (2...5).contains(version) else {
        throw fault("is a pickle of protocol \(version); wanted 2 to 5")
      }
    case 0x95: _ = try take(8)  // FRAME

    case UInt8(ascii: "N"): stack.append(.none)
    case 0x88: stack.append(.bool(true))
    case 0x89: stack.append(.bool(false))
    case UInt8(ascii: "K"): stack.append(.int(Int(try byte())))  // BININT1
    case UInt8(ascii: "M"): stack.append(.int(Int(try integer(UInt16.self))))  // BININT2
    case UInt8(ascii: "J"): stack.append(.int(Int(try integer(Int32.self))))  // BININT
    case 0x8A: stack.append(.int(try wideInteger(Int(byte()))))  // LONG1
    case 0x8B: stack.append(.int(try wideInteger(Int(integer(Int32.self)))))  // LONG4
    case UInt8(ascii: "G"):  // BINFLOAT
      let bits = UInt64(bigEndian: try integer(UInt64.self))
      stack.append(.double(Double(bitPattern: bits)))
    case 0x8C, UInt8(ascii: "U"): stack.append(try string(Int(byte())))
    case UInt8(ascii: "X"): stack.append(try string(Int(integer(UInt32.self))))  // BINUNICODE
    case UInt8(ascii: "T"): stack.append(try string(Int(integer(Int32.self))))  // BINSTRING
    case 0x8D: stack.append(try string(Int(clamping: integer(UInt64.self))))  // BINUNICODE8

    case UInt8(ascii: "("): marks.append(stack.count)
    case UInt8(ascii: "0"): _ = try pop()
    case UInt8(ascii: "1"): _ = try popMark()
    case UInt8(ascii: "2"): stack.append(try top())  // DUP

    case UInt8(ascii: ")"): stack.append(items.tuple([]))
    case UInt8(ascii: "t"): stack.append(items.tuple(try popMark()))
    case 0x85...0x87:  // TUPLE1 to TUPLE3
      stack.append(items.tuple(try pop(Int(opcode - 0x84))))
    case UInt8(ascii: "]"): stack.append(items.list())
    case UInt8(ascii: "l"): try build(items.list(), try popMark())
    case UInt8(ascii: "a"): try append([try pop()])
    case UInt8(ascii: "e"): try append(try popMark())
    case UInt8(ascii: "}"): stack.append(items.dictionary())
    case UInt8(ascii: "d"): try build(items.dictionary(), try popMark())
    case UInt8(ascii: "s"): try setItems(try pop(2))
    case UInt8(ascii: "u"): try setItems(try popMark())

    case UInt8(ascii: "q"): memo[Int(try byte())] = try top()
    case UInt8(ascii: "r"): memo[Int(try integer(UInt32.self))] = try top()
    case 0x94: memo[memo.count] = try top()  // MEMOIZE
    case UInt8(ascii: "h"): stack.append(try recall(Int(byte())))
    case UInt8(ascii: "j"): stack.append(try recall(Int(integer(UInt32.self))))

    case UInt8(ascii: "c"): stack.append(try global(module: try line(), name: try line()))
    case 0x93:  // STACK_GLOBAL
      let names = try pop(2)
      guard case .string(let module) = names[0], case .string(let name) = names[1] else {
        throw damaged("a name that is no text")
      }
      stack.append(try global(module: module, name: name))
    case UInt8(ascii: "R"): try reduce()
    case UInt8(ascii: "b"): try dropState()
    case UInt8(ascii: "Q"): stack.append(try storage(try pop()))

    case UInt8(ascii: "B"), UInt8(ascii: "C"), 0x8E, 0x96:
      throw fault("holds Python bytes; wanted numbers, strings, containers and tensors")
    case 0x8F, 0x91:
      throw fault("holds a Python set; wanted numbers, strings, containers and tensors")
    case UInt8(ascii: "i"), UInt8(ascii: "o"), 0x81, 0x92, 0x82, 0x83, 0x84:
      throw fault("asks to build a Python object; Recap refuses to run code from a checkpoint")
    default:
      throw damaged("the unknown opcode 0x" + String(opcode, radix: 16))
    }
  }
}

// Bytes.
extension PickleReader {
  func fault(_ problem: String) -> FileError { FileError(path, problem) }

  private func damaged(_ what: String) -> FileError {
    fault("is damaged: its pickle has \(what) before byte \(position)")
  }

  private mutating func take(_ count: Int) throws -> UnsafeRawBufferPointer {
    guard count >= 0, count <= bytes.count - position else {
      throw fault("is truncated: its pickle wants \(count) bytes at byte \(position)")
    }
    defer { position += count }
    return UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
  }

  private mutating func byte() throws -> UInt8 { try take(1)[0] }

  private mutating func integer<T: FixedWidthInteger>(_: T.Type) throws -> T {
    T(littleEndian: try take(MemoryLayout<T>.size).loadUnaligned(as: T.self))
  }

  /// Two's complement of any length, least significant byte first.
  private mutating func wideInteger(_ count: Int) throws -> Int {
    let digits = try take(count)
    guard let last = digits.last else { return 0 }
    let sign: UInt8 = last >= 0x80 ? 0xFF : 0
    var value = sign == 0 ? 0 : -1
    for (index, digit) in digits.enumerated().reversed() {
      guard index < 8 else {
        guard digit == sign else { throw fault("holds an integer of more than 64 bits") }
        continue
      }
      value = value << 8 | Int(digit)
    }
    guard (value < 0) == (sign != 0) else {
      throw fault("holds an integer of more than 64 bits")
    }
    return value
  }

  private mutating func string(_ count: Int) throws -> PickleItem {
    guard let text = String(validating: try take(count), as: UTF8.self) else {
      throw damaged("a string that is not UTF-8")
    }
    return .string(text)
  }

  private mutating func line() throws -> String {
    let rest = bytes[position...]
    guard let end = rest.prefix(1024).firstIndex(of: UInt8(ascii: "\n")) else {
      throw damaged("a name without an end")
    }
    let text = String(decoding: bytes[position..<end], as: UTF8.self)
    position = end + 1
    return text
  }
}

// The stack. Items below the last mark are out of reach.
extension PickleReader {
  private mutating func pop(_ count: Int) throws -> [PickleItem] {
    guard stack.count - (marks.last ?? 0) >= count else { throw damaged("too few values") }
    defer { stack.removeLast(count) }
    return Array(stack.suffix(count))
  }

  private mutating func pop() throws -> PickleItem { try pop(1)[0] }

  private func top() throws -> PickleItem {
    guard stack.count > (marks.last ?? 0) else { throw damaged("too few values") }
    return stack[stack.count - 1]
  }

  private mutating func popMark() throws -> [PickleItem] {
    guard let mark = marks.popLast() else { throw damaged("an end without its mark") }
    defer { stack.removeLast(stack.count - mark) }
    return Array(stack[mark...])
  }

  private func recall(_ key: Int) throws -> PickleItem {
    guard let item = memo[key] else { throw damaged("a reference to nothing") }
    return item
  }

  private mutating func build(_ container: PickleItem, _ content: [PickleItem]) throws {
    stack.append(container)
    if case .list = container { try append(content) } else { try setItems(content) }
  }

  private mutating func append(_ values: [PickleItem]) throws {
    guard case .list(let index) = try top() else { throw damaged("items for no list") }
    items.lists[index].append(contentsOf: values)
  }

  private mutating func setItems(_ values: [PickleItem]) throws {
    guard case .dictionary(let index) = try top(), values.count % 2 == 0 else {
      throw damaged("pairs for no dictionary")
    }
    for position in stride(from: 0, to: values.count, by: 2) {
      items.dictionaries[index].append((values[position], values[position + 1]))
    }
  }
}

// Names, and the few calls that have a meaning.
extension PickleReader {
  private func global(module: String, name: String) throws -> PickleItem {
    guard let global = PickleGlobal(module: module, name: name) else {
      let full = "\(module).\(name)".unicodeScalars.map { $0.isPrintableASCII ? $0 : "?" }
      var text = String.UnicodeScalarView()
      text.append(contentsOf: full.prefix(200))
      throw fault(
        "asks for the Python object \(String(text)), which is no tensor or plain value; "
          + "Recap refuses to run code from a checkpoint")
    }
    return .global(global)
  }

  private mutating func reduce() throws {
    let call = try pop(2)
    guard case .global(let global) = call[0], case .tuple(let index) = call[1] else {
      throw fault("calls what is no function; Recap refuses to run code from a checkpoint")
    }
    let arguments = items.tuples[index]
    switch global {
    case .rebuildTensor: stack.append(try tensor(arguments))
    case .rebuildTensorWithDType: stack.append(try tensor(arguments, hasDType: true))
    case .rebuildParameter:
      guard arguments.count >= 2, case .tensor(let index) = arguments[0],
        case .bool(let requiresGrad) = arguments[1]
      else { throw damaged("a parameter without a tensor") }
      items.tensors.append(items.tensors[index])
      items.tensors[items.tensors.count - 1].requiresGrad = requiresGrad
      stack.append(.tensor(items.tensors.count - 1))
    case .size:
      guard arguments.count == 1, let sizes = items.integers(arguments[0]) else {
        throw damaged("a torch.Size that is no tuple of integers")
      }
      stack.append(items.tuple(sizes.map { .int($0) }))
    case .orderedDictionary:
      var content: [PickleItem] = []
      if let pairs = arguments.first {  // Python 2 gives the pairs here
        for pair in items.array(pairs) ?? [.none] {
          guard let pair = items.array(pair), pair.count == 2 else {
            throw damaged("an OrderedDict of what is no pairs")
          }
          content += pair
        }
      }
      try build(items.dictionary(), content)
    case .storage, .dtype: throw damaged("a call of what is no function")
    }
  }

  /// BUILD gives an object its attributes; `OrderedDict`'s are the module versions of a state
  /// dictionary, which nothing here needs.
  private mutating func dropState() throws {
    _ = try pop()
    guard case .dictionary = try top() else {
      throw fault("sets the state of an object; Recap refuses to run code from a checkpoint")
    }
  }

  /// `_rebuild_tensor_v2(storage, offset, sizes, strides, requires_grad, hooks, metadata)`; of
  /// `_rebuild_tensor_v3` there is a dtype before the metadata, and the storage is one of bytes.
  private mutating func tensor(
    _ arguments: [PickleItem], hasDType: Bool = false
  ) throws -> PickleItem {
    guard arguments.count >= 5, case .storage(let index) = arguments[0],
      case .int(let offset) = arguments[1], let shape = items.integers(arguments[2]),
      let strides = items.integers(arguments[3]), case .bool(let requiresGrad) = arguments[4]
    else { throw damaged("a tensor that is described wrongly") }
    var storage = items.storages[index]
    if hasDType {
      guard arguments.count >= 7, case .global(.dtype(let type)) = arguments[6] else {
        throw damaged("a tensor without a dtype")
      }
      storage.count = storage.count * storage.type.byteCount / type.byteCount
      storage.start = storage.start * storage.type.byteCount / type.byteCount
      storage.type = type
    }
    let layout = TensorLayout(offset: offset, shape: shape, strides: strides)
    if let problem = layout.fault(in: storage.count) {
      throw fault("holds a tensor that \(problem) (storage \(storage.key)); the file is damaged")
    }
    let isNegated = try isNegated(arguments.dropFirst(hasDType ? 7 : 6).first, storage.type)
    items.tensors.append(
      PickledTensor(
        storage: storage, layout: layout, requiresGrad: requiresGrad, isNegated: isNegated))
    return .tensor(items.tensors.count - 1)
  }

  /// A tensor's metadata: `{"neg": True}` where its storage has the numbers with the other sign,
  /// `{"conj": True}`, of complex numbers alone, where it has their conjugates.
  private func isNegated(_ metadata: PickleItem?, _ type: ElementType) throws -> Bool {
    guard let metadata else { return false }
    if case .none = metadata { return false }
    guard case .dictionary(let index) = metadata else {
      throw damaged("a tensor that is described wrongly")
    }
    var isNegated = false
    for (key, value) in items.dictionaries[index] {
      guard case .string(let name) = key, case .bool(let isSet) = value,
        type.dtype != .bool, name == "neg" || (name == "conj" && (type.dtype == nil || !isSet))
      else { throw damaged("a tensor with metadata other than neg") }
      if name == "neg" { isNegated = isSet }
    }
    return isNegated
  }

  /// A persistent id: `("storage", type, key, device, count)`, and in files of the older format a
  /// view `(key, start, count)` or None.
  private mutating func storage(_ id: PickleItem) throws -> PickleItem {
    guard let fields = items.array(id), fields.count >= 5, case .string("storage") = fields[0],
      case .global(.storage(let type)) = fields[1], case .string(let key) = fields[2],
      case .int(let count) = fields[4], count >= 0, count <= Int.max / 16
    else { throw damaged("a storage that is described wrongly") }
    var storage = PickledStorage(key: ByteName(key), type: type, start: 0, count: count)
    if fields.count > 5, let view = items.array(fields[5]) {
      guard view.count == 3, case .int(let start) = view[1], case .int(let length) = view[2],
        start >= 0, length >= 0, start <= count, length <= count - start
      else { throw damaged("a view of a storage that lies outside of it") }
      storage.start = start
      storage.count = length
    }
    items.storages.append(storage)
    return .storage(items.storages.count - 1)
  }
}

extension Unicode.Scalar {
  fileprivate var isPrintableASCII: Bool { (0x20..<0x7F).contains(value) }
}
