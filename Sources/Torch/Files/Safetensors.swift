import Foundation
import Platform

/// Files of named tensors in the safetensors format.
public enum Safetensors {
  /// The tensors of a file by name, on the CPU.
  ///
  /// They share the file's memory, which is read when it is touched, and keep it alive; a write to a
  /// tensor never reaches the file. Tensors that are not aligned for their dtype are copied.
  ///
  /// - Throws: ``FileError`` if the file is missing, truncated or damaged.
  public static func load(_ path: String) throws -> StateDictionary {
    let file = try MappedFile(path)
    var state: StateDictionary = [:]
    for entry in try SafetensorsHeader(file).entries {
      if let dtype = entry.dtype {
        state[entry.name] = file.region[entry.range].tensor(entry.shape, dtype)
      } else {
        state[entry: entry.name] = .unread(dtype: entry.dtypeName, count: entry.count)
      }
    }
    return state
  }

  /// The strings under `__metadata__`; empty where there are none.
  public static func metadata(_ path: String) throws -> [String: String] {
    try SafetensorsHeader(MappedFile(path)).metadata
  }

  /// The tensors of several files, by an index such as `model.safetensors.index.json`, whose
  /// `weight_map` gives each tensor's file in the same folder.
  ///
  /// - Throws: ``FileError``, which names all files or tensors that are missing.
  public static func loadSharded(_ index: String) throws -> StateDictionary {
    let files = try weightMap(index)
    let folder = index.lastIndex(of: "/").map { String(index[...$0]) } ?? ""
    let names = Set(files.values).sorted()
    let missing = names.filter { !FileManager.default.fileExists(atPath: folder + $0) }
    guard missing.isEmpty else {
      throw FileError(
        index,
        "names files that are not beside it: \(missing.joined(separator: ", ")); "
          + "download them into the same folder")
    }
    var tensors: StateDictionary = [:]
    for name in names {
      for (key, entry) in try load(folder + name).entries where files[ByteName(key)] == name {
        tensors[entry: key] = entry
      }
    }
    let absent = files.keys.filter { tensors[entry: $0.text] == nil }.sorted()
    guard absent.isEmpty else {
      let listed = absent.map { "\($0) (\(files[$0]!))" }.joined(separator: ", ")
      throw FileError(index, "names tensors that are not in their files: \(listed)")
    }
    return tensors
  }

  private static func weightMap(_ index: String) throws -> [ByteName: String] {
    struct Index: Decodable { let weight_map: [String: String] }
    let file = try MappedFile(index)
    guard let keys = NumberedKeys(file.bytes, depth: 2) else {
      throw FileError(index, "is no index of safetensors files: it has a name that is no text")
    }
    var map: [ByteName: String] = [:]
    do {
      for (key, shard) in try JSONDecoder().decode(Index.self, from: keys.json).weight_map {
        map[ByteName(keys.name(key) ?? key)] = shard
      }
    } catch {
      throw FileError(index, "is no index of safetensors files: it is \(keys.fault(error))")
    }
    let outside = map.values.filter { $0.hasPrefix("/") || $0.split(separator: "/").contains("..") }
    guard outside.isEmpty else {
      throw FileError(index, "names the file \(outside.min()!); wanted files in its own folder")
    }
    return map
  }

  /// Writes tensors, whole or not at all (`AtomicFile`). The same tensors in the same
  /// order give the same bytes.
  ///
  /// Wider dtypes come first, so that all tensors are aligned when read back. A file cannot say that
  /// tensors share storage: each is written in full.
  ///
  /// - Throws: ``FileError`` if the file cannot be written, for instance with no space left;
  ///   ``TorchError`` if tensors cannot be brought to the CPU.
  public static func save(
    _ tensors: [(name: String, tensor: Tensor)], metadata: [String: String] = [:], to path: String
  ) throws {
    if let twice = Dictionary(grouping: tensors, by: { ByteName($0.name) }).first(where: {
      $0.value.count > 1
    }) {
      fatalError("Safetensors.save: two tensors are named \(twice.key)")
    }
    // Sorting by width keeps the order otherwise.
    let ordered = [8, 4, 2, 1].flatMap { width in
      tensors.filter { $0.tensor.dtype.byteCount == width }
    }
    let header = encodedHeader(ordered, metadata)
    try AtomicFile.write(path) { partial in
      let sink = try FileSink(partial, for: path)
      withUnsafeBytes(of: UInt64(header.count).littleEndian) { sink.append($0) }
      header.withUnsafeBytes { sink.append($0) }
      for (_, tensor) in ordered {
        let host = try attempt { tensor.detach().to(.cpu).contiguous() }
        host.withUnsafeBytes { sink.append($0) }
        try sink.throwIfFailed()
      }
      try sink.finish()
    }
  }

  /// The header as JSON, padded with spaces so that the data starts at a multiple of 8 bytes.
  private static func encodedHeader(
    _ tensors: [(name: String, tensor: Tensor)], _ metadata: [String: String]
  ) -> [UInt8] {
    var fields: [String] = []
    if !metadata.isEmpty {
      let pairs = metadata.sorted { $0.key < $1.key }.map { "\(quoted($0)):\(quoted($1))" }
      fields.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
    }
    var offset = 0
    for (name, tensor) in tensors {
      let end = offset + tensor.count * tensor.dtype.byteCount
      let dtype = SafetensorsHeader.dtypeNames[tensor.dtype]!
      let shape = tensor.shape.map(String.init).joined(separator: ",")
      fields.append(
        "\(quoted(name)):{\"dtype\":\"\(dtype)\",\"shape\":[\(shape)],"
          + "\"data_offsets\":[\(offset),\(end)]}")
      offset = end
    }
    var header = Array("{\(fields.joined(separator: ","))}".utf8)
    while header.count % 8 != 0 { header.append(UInt8(ascii: " ")) }
    return header
  }

  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\0"..<" ":
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
