import Platform

/// PyTorch checkpoints: `.pt`, `.pth` and `.bin` files of `torch.save`.
public enum CheckpointFile {
  /// Reads what `torch.load(path, weights_only=True)` reads: plain values and tensors.
  ///
  /// Tensors are on the CPU, whatever device they were saved from. They share the file's memory
  /// where it can be used as it lies (it is read once, to verify its checksums; a write to a tensor
  /// never reaches the file), and each other's where they did when saved. Files from before PyTorch
  /// 1.6 are read as well.
  ///
  /// - Throws: ``FileError`` if the file is missing, truncated or damaged, or asks for anything that
  ///   is no plain value or tensor. No code from the file is ever run.
  public static func load(_ path: String) throws -> PickleValue {
    let file = try MappedFile(path)
    return try withExtendedLifetime(file) {
      if file.bytes.starts(with: "PK\u{3}\u{4}".utf8) { return try loadArchive(file) }
      if let legacy = LegacyCheckpoint(file) { return try legacy.value() }
      throw FileError(path, "is no PyTorch checkpoint; wanted a file that torch.save wrote")
    }
  }

  /// Reads the plain values alone; every tensor is one without elements. Of a file of today's format, the
  /// bytes of the tensors are not read.
  ///
  /// - Throws: as ``load(_:)``, for what it reads.
  public static func loadWithoutTensors(_ path: String) throws -> PickleValue {
    let file = try MappedFile(path)
    return try withExtendedLifetime(file) {
      guard file.bytes.starts(with: "PK\u{3}\u{4}".utf8) else { return try load(path) }
      return try loadArchive(file, withTensors: false)
    }
  }

  private static func loadArchive(
    _ file: MappedFile, withTensors: Bool = true
  ) throws -> PickleValue {
    let archive = try Archive(file)
    guard let pickle = try archive.record("data.pkl") else {
      throw FileError(file.path, "is a zip file without data.pkl; wanted one that torch.save wrote")
    }
    if let order = try archive.record("byteorder"), !order.bytes.elementsEqual("little".utf8) {
      throw FileError(file.path, "was saved on a big-endian machine; wanted little-endian")
    }
    return try withExtendedLifetime(pickle.owner) {
      var reader = PickleReader(pickle.bytes, path: file.path)
      let root = try reader.read()
      var storages = StorageTensors(path: file.path) { storage in
        try archive.record("data/\(storage.key.text)")
      }
      let none = Tensor.zeros([0])
      var conversion = PickleConversion(reader.items, path: file.path) {
        withTensors ? try storages.tensor($0) : none
      }
      return try conversion.value(root)
    }
  }

  /// Writes a value so that `torch.load(path, weights_only=True)` reads it, whole or not at all
  /// (`AtomicFile`). The same value gives the same bytes.
  ///
  /// Tensors that share storage still do when read back; as in PyTorch, a view brings its whole
  /// storage along (`clone()` it to avoid that). Tensors on a GPU are saved as ones on the CPU.
  ///
  /// - Throws: ``FileError`` if the file cannot be written, for instance with no space left;
  ///   or if the value holds a tensor that could not be read; ``TorchError`` if tensors cannot be
  ///   brought to the CPU.
  public static func save(_ value: PickleValue, to path: String) throws {
    if let dtype = value.unreadDType {
      throw FileError(
        path, "cannot be written: the value holds a tensor of \(dtype), which was not read")
    }
    let pickle = PickleWriter(value)
    try AtomicFile.write(path) { partial in
      let archive = try ArchiveWriter(partial, for: path)
      try pickle.bytes.withUnsafeBytes { try archive.write("data.pkl", $0) }
      try archive.write(".format_version", "1")
      try archive.write(".storage_alignment", "64")
      try archive.write("byteorder", "little")
      for (key, tensor) in pickle.storages.enumerated() {
        let storage = try attempt { tensor.wholeStorage.to(.cpu) }
        try storage.withUnsafeBytes { try archive.write("data/\(key)", $0) }
      }
      try archive.finish()
    }
  }
}

/// The tensors of a file, over storages that are found once and shared.
struct StorageTensors {
  let path: String
  /// Finds the bytes of a storage; nil where the file has none of its key.
  let find: (PickledStorage) throws -> MemoryRegion?

  private struct Identity: Hashable {
    let key: ByteName
    let dtype: DType
  }
  private var regions: [ByteName: MemoryRegion] = [:]
  private var tensors: [Identity: Tensor] = [:]

  init(path: String, find: @escaping (PickledStorage) throws -> MemoryRegion?) {
    self.path = path
    self.find = find
  }

  /// The tensor of a description, whose dtype must be one of ``DType``.
  mutating func tensor(_ description: PickledTensor) throws -> Tensor {
    let storage = description.storage
    let dtype = storage.type.dtype!
    let whole = try whole(storage, dtype)
    let (end, isBeyond) = storage.start.addingReportingOverflow(storage.count)
    guard !isBeyond, end <= whole.count else {
      throw FileError(
        path, "is truncated: storage \(storage.key) has \(whole.count) elements; wanted \(end)")
    }
    var layout = description.layout
    layout.offset += storage.start
    let stored = whole.overStorage(layout)
    let tensor = description.isNegated ? -stored : stored
    if description.requiresGrad && dtype.isFloatingPoint { tensor.requiresGrad = true }
    return tensor
  }

  private mutating func whole(_ storage: PickledStorage, _ dtype: DType) throws -> Tensor {
    let identity = Identity(key: storage.key, dtype: dtype)
    if let known = tensors[identity] { return known }
    guard let region = try regions[storage.key] ?? find(storage) else {
      throw FileError(path, "is damaged: storage \(storage.key) is missing")
    }
    regions[storage.key] = region
    let count = region.bytes.count / dtype.byteCount
    let whole = region[0..<count * dtype.byteCount].tensor([count], dtype)
    tensors[identity] = whole
    return whole
  }
}
