import Platform

/// What `torch.save` wrote before PyTorch 1.6, and still does on demand: five pickles in a row (a
/// magic number, a version, facts on the machine, the value, the keys of the storages), then each
/// storage as its element count and its bytes.
struct LegacyCheckpoint {
  private let file: MappedFile
  private let start: Int

  /// Nil where the file does not begin as one of this format.
  init?(_ file: MappedFile) {
    guard let start = Self.start(file.bytes) else { return nil }
    self.file = file
    self.start = start
  }

  /// The pickled magic number 0x1950A86A20F9469CFC6C.
  private static let magic: [UInt8] = [
    0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E,
  ]

  /// Where the pickle behind the magic number starts; nil where there is no magic number. It follows
  /// a protocol (2 bytes) and, from protocol 4 on, a frame (9 bytes).
  private static func start(_ bytes: UnsafeRawBufferPointer) -> Int? {
    [2, 11].first { bytes.dropFirst($0).starts(with: magic) }.map { $0 + magic.count }
  }

  func value() throws -> PickleValue {
    var reader = PickleReader(file.bytes, at: start, path: file.path)
    guard case .int(1001) = try reader.read() else {
      throw FileError(file.path, "has an unknown version of PyTorch's older format; wanted 1001")
    }
    let facts = try reader.read()
    let root = try reader.read()
    let keys = try reader.read()

    func tensorless(_: PickledTensor) throws -> Tensor {
      throw FileError(file.path, "is damaged: it holds a tensor before the first one")
    }
    var plain = PickleConversion(reader.items, path: file.path, makeTensor: tensorless)
    if try plain.value(facts)["little_endian"]?.bool == false {
      throw FileError(file.path, "was saved on a big-endian machine; wanted little-endian")
    }
    guard let names = try plain.value(keys).array?.map(\.string), !names.contains(nil) else {
      throw FileError(file.path, "is damaged: its storages have no list of keys")
    }
    let regions = try storages(names.map { $0! }, reader.items, at: reader.position)
    var storages = StorageTensors(path: file.path) { regions[$0.key] }
    var conversion = PickleConversion(reader.items, path: file.path) { try storages.tensor($0) }
    return try conversion.value(root)
  }

  private func storages(
    _ keys: [String], _ items: PickleItems, at start: Int
  ) throws -> [ByteName: MemoryRegion] {
    let types = Dictionary(items.storages.map { ($0.key, $0.type) }) { first, _ in first }
    var regions: [ByteName: MemoryRegion] = [:]
    var position = start
    for key in keys.map { ByteName($0) } {
      guard let type = types[key] else {
        throw FileError(file.path, "is damaged: nothing refers to its storage \(key)")
      }
      let left = file.bytes.count - position - 8
      guard left >= 0 else { throw truncated(key) }
      let count = Int(
        littleEndian: file.bytes.loadUnaligned(fromByteOffset: position, as: Int.self))
      guard count >= 0, count <= left / type.byteCount else { throw truncated(key) }
      position += 8
      regions[key] = file.region[position..<position + count * type.byteCount]
      position += count * type.byteCount
    }
    return regions
  }

  private func truncated(_ key: ByteName) -> FileError {
    FileError(file.path, "is truncated: storage \(key) reaches beyond its end")
  }
}
