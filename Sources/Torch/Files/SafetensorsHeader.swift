import Foundation
import Platform

/// The header of a safetensors file: what it holds, and where. Source: the format's description at
/// https://huggingface.co/docs/safetensors, version 0.7.
struct SafetensorsHeader {
  struct Entry {
    let name: String
    /// As the file has it.
    let dtypeName: String
    /// Nil where it is one that ``DType`` lacks.
    let dtype: DType?
    let shape: [Int]
    let count: Int
    /// The tensor's bytes in the file.
    let range: Range<Int>
  }

  let entries: [Entry]
  let metadata: [String: String]

  static let dtypeNames: [DType: String] = [
    .float64: "F64", .float32: "F32", .float16: "F16", .bfloat16: "BF16", .int64: "I64",
    .int32: "I32", .int16: "I16", .int8: "I8", .uint8: "U8", .bool: "BOOL",
  ]

  /// The largest header that is read, as in the reference implementation.
  private static let maximumLength = 100_000_000

  init(_ file: MappedFile) throws {
    let bytes = file.bytes
    guard bytes.count >= 8 else {
      throw FileError(file.path, "is truncated: it has \(bytes.count) bytes; a header needs 8")
    }
    let length = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
    guard length <= Self.maximumLength, bytes.count > 8, bytes[8] == UInt8(ascii: "{") else {
      throw FileError(file.path, "is no safetensors file: it does not start with a header's length")
    }
    let start = 8 + Int(length)
    guard start <= bytes.count else {
      throw FileError(
        file.path, "is truncated: its header ends at byte \(start), the file at \(bytes.count)")
    }
    let header = UnsafeRawBufferPointer(rebasing: bytes[8..<start])
    guard let keys = NumberedKeys(header, depth: 1) else {
      throw FileError(
        file.path, "is no safetensors file: its header has a name that is no UTF-8 text")
    }
    let json: JSONHeader
    do {
      let decoder = JSONDecoder()
      decoder.userInfo[JSONHeader.keys] = keys
      json = try decoder.decode(JSONHeader.self, from: keys.json)
    } catch {
      throw FileError(file.path, "is no safetensors file: its header is \(keys.fault(error))")
    }
    metadata = json.metadata
    entries = try json.tensors
      .map { try Self.entry($0.text, $1, dataAt: start, in: file) }
      .sorted {
        ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
      }
    try Self.checkCoverage(entries, from: start, in: file)
  }

  private static func entry(
    _ name: String, _ json: JSONTensor, dataAt start: Int, in file: MappedFile
  ) throws -> Entry {
    func fault(_ problem: String) -> FileError { FileError(file.path, "tensor \(name) \(problem)") }
    let dtype = dtypeNames.first { $0.value == json.dtype }?.key
    var count = 1
    for size in json.shape {
      let (product, isTooLarge) = count.multipliedReportingOverflow(by: size)
      guard size >= 0, !isTooLarge, product <= Int.max / 16 else {
        throw fault("has the impossible shape \(json.shape)")
      }
      count = product
    }
    guard json.offsets.count == 2, json.offsets[0] >= 0, json.offsets[0] <= json.offsets[1] else {
      throw fault("has the impossible data_offsets \(json.offsets)")
    }
    let (begin, end) = (json.offsets[0], json.offsets[1])
    if let dtype, end - begin != count * dtype.byteCount {
      throw fault(
        "has \(end - begin) bytes; \(json.dtype) of shape \(json.shape) wants "
          + "\(count * dtype.byteCount)")
    }
    // No type's elements are smaller than two bits.
    if dtype == nil, count / 4 > end - begin {
      throw fault("has \(end - begin) bytes, too few for \(json.dtype) of shape \(json.shape)")
    }
    guard end <= file.bytes.count - start else {
      throw fault(
        "is truncated: it ends at byte \(end) of the data, and there are "
          + "\(file.bytes.count - start)")
    }
    return Entry(
      name: name, dtypeName: json.dtype, dtype: dtype, shape: json.shape, count: count,
      range: start + begin..<start + end)
  }

  /// The tensors must lie one behind the other and fill the file.
  private static func checkCoverage(
    _ entries: [Entry], from start: Int, in file: MappedFile
  ) throws {
    var position = start
    for entry in entries {
      guard entry.range.lowerBound == position else {
        let fault = entry.range.lowerBound < position ? "overlaps with" : "leaves a hole behind"
        throw FileError(
          file.path, "tensor \(entry.name) \(fault) the one before it; the file is damaged")
      }
      position = entry.range.upperBound
    }
    guard position == file.bytes.count else {
      throw FileError(
        file.path, "has \(file.bytes.count - position) bytes behind its last tensor; wanted none")
    }
  }
}

/// The header as JSON: tensors by name, and strings under `__metadata__`.
private struct JSONHeader: Decodable {
  /// Of a name that comes twice the last counts, as in the reference implementation.
  var tensors: [ByteName: JSONTensor] = [:]
  var metadata: [String: String] = [:]

  /// Where the decoder finds the ``NumberedKeys``.
  static let keys = CodingUserInfoKey(rawValue: "keys")!

  private struct Name: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Name.self)
    let keys = decoder.userInfo[Self.keys] as! NumberedKeys
    for (index, name) in keys.names.enumerated() {
      let key = Name(stringValue: "\(index)")
      if name == "__metadata__" {
        metadata = try container.decode([String: String]?.self, forKey: key) ?? [:]
      } else {
        tensors[ByteName(name)] = try container.decode(JSONTensor.self, forKey: key)
      }
    }
  }
}

private struct JSONTensor: Decodable {
  let dtype: String
  let shape: [Int]
  let offsets: [Int]

  enum CodingKeys: String, CodingKey {
    case dtype, shape
    case offsets = "data_offsets"
  }
}
