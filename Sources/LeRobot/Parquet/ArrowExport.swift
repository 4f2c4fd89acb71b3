import CArrow
import Foundation

/// Columns as Arrow C Data Interface structures, in memory that their release members free.
enum ArrowExport {
  /// A struct with one child a column.
  static func schema(_ columns: [(name: String, values: ParquetColumn)]) -> ArrowSchema {
    schema(.structure(columns), name: "", isNullable: false, metadata: [])
  }

  /// A struct with one child a column, all of as many rows.
  static func array(_ columns: [(name: String, values: ParquetColumn)]) -> ArrowArray {
    array(.structure(columns), valid: nil)
  }

  // MARK: Schemas

  /// One column's schema; `metadata` are keys and values of the field.
  static func schema(
    _ column: ParquetColumn, name: String, isNullable: Bool = true,
    metadata: [(String, String)] = []
  ) -> ArrowSchema {
    var children: [ArrowSchema] = []
    let format: String
    switch column {
    case .numbers(let letter, _, _): format = letter
    case .bool: format = "b"
    case .bytes(_, let text): format = text ? "u" : "z"
    case .fixedList(let elements, let length):
      format = "+w:\(length)"
      children = [schema(elements, name: "element")]
    case .list(let elements, _):
      format = "+l"
      children = [schema(elements, name: "element")]
    case .structure(let members):
      format = "+s"
      children = members.map { schema($0.values, name: $0.name) }
    case .optional(let values, _):
      return schema(values, name: name, isNullable: true, metadata: metadata)
    }
    return ArrowSchema(
      format: strdup(format), name: strdup(name),
      metadata: metadata.isEmpty ? nil : encoded(metadata),
      flags: isNullable ? Int64(ARROW_FLAG_NULLABLE) : 0, n_children: Int64(children.count),
      children: pointers(to: children), dictionary: nil,
      release: { schema in
        guard let schema else { return }
        for i in 0..<Int(schema.pointee.n_children) {
          let child = schema.pointee.children[i]!
          if let release = child.pointee.release { release(child) }
          free(child)
        }
        free(schema.pointee.children)
        free(UnsafeMutableRawPointer(mutating: schema.pointee.format))
        free(UnsafeMutableRawPointer(mutating: schema.pointee.name))
        free(UnsafeMutableRawPointer(mutating: schema.pointee.metadata))
        schema.pointee.release = nil
      },
      private_data: nil)
  }

  /// Keys and values as the interface lays them: counts and lengths as Int32 before the bytes.
  private static func encoded(_ metadata: [(String, String)]) -> UnsafePointer<CChar>? {
    var bytes: [UInt8] = []
    func append(_ number: Int) {
      withUnsafeBytes(of: Int32(number)) { bytes.append(contentsOf: $0) }
    }
    append(metadata.count)
    for (key, value) in metadata {
      for text in [key, value] {
        append(text.utf8.count)
        bytes.append(contentsOf: text.utf8)
      }
    }
    return UnsafePointer(copy(bytes).assumingMemoryBound(to: CChar.self))
  }

  // MARK: Arrays

  /// One column's values; `valid` says which rows are not null, nil for all.
  static func array(_ column: ParquetColumn, valid: [Bool]? = nil) -> ArrowArray {
    var buffers: [UnsafeMutableRawPointer?] = [valid.map(bits)]
    var children: [ArrowArray] = []
    switch column {
    case .numbers(_, _, let bytes): buffers.append(copy(bytes))
    case .bool(let values): buffers.append(bits(values))
    case .bytes(let values, _):
      buffers.append(copy(offsets(values.lazy.map(\.count))))
      buffers.append(copy(Array(values.joined())))
    case .fixedList(let elements, _): children = [array(elements)]
    case .list(let elements, let lengths):
      buffers.append(copy(offsets(lengths)))
      children = [array(elements)]
    case .structure(let members): children = members.map { array($0.values) }
    case .optional(let values, let valid): return array(values, valid: valid)
    }
    let pointerBytes = buffers.count * MemoryLayout<UnsafeRawPointer?>.stride
    let list = malloc(pointerBytes)!.bindMemory(to: UnsafeRawPointer?.self, capacity: buffers.count)
    for (i, buffer) in buffers.enumerated() { list[i] = UnsafeRawPointer(buffer) }
    return ArrowArray(
      length: Int64(column.count), null_count: Int64(valid?.count { !$0 } ?? 0), offset: 0,
      n_buffers: Int64(buffers.count), n_children: Int64(children.count), buffers: list,
      children: pointers(to: children), dictionary: nil,
      release: { array in
        guard let array else { return }
        for i in 0..<Int(array.pointee.n_children) {
          let child = array.pointee.children[i]!
          if let release = child.pointee.release { release(child) }
          free(child)
        }
        free(array.pointee.children)
        for i in 0..<Int(array.pointee.n_buffers) {
          free(UnsafeMutableRawPointer(mutating: array.pointee.buffers[i]))
        }
        free(array.pointee.buffers)
        array.pointee.release = nil
      },
      private_data: nil)
  }

  private static func offsets(_ lengths: some Collection<Int>) -> [Int32] {
    var offsets: [Int32] = [0]
    offsets.reserveCapacity(lengths.count + 1)
    var end = 0
    for length in lengths {
      end += length
      guard end <= Int32.max else { fatalError("a column of more than 2 GiB is written at once") }
      offsets.append(Int32(end))
    }
    return offsets
  }

  private static func bits(_ values: [Bool]) -> UnsafeMutableRawPointer {
    var bytes = [UInt8](repeating: 0, count: (values.count + 7) / 8)
    for (i, value) in values.enumerated() where value { bytes[i >> 3] |= 1 << UInt8(i & 7) }
    return copy(bytes)
  }

  /// A copy in C's memory, never of no bytes.
  private static func copy<T>(_ values: [T]) -> UnsafeMutableRawPointer {
    values.withUnsafeBytes { bytes in
      let copy = malloc(max(bytes.count, 8))!
      if !bytes.isEmpty { memcpy(copy, bytes.baseAddress!, bytes.count) }
      return copy
    }
  }

  private static func pointers<T>(to values: [T]) -> UnsafeMutablePointer<
    UnsafeMutablePointer<T>?
  >? {
    if values.isEmpty { return nil }
    let size = values.count * MemoryLayout<UnsafeMutablePointer<T>?>.stride
    let list = malloc(size)!.bindMemory(
      to: Optional<UnsafeMutablePointer<T>>.self, capacity: values.count)
    for (i, value) in values.enumerated() {
      let child = malloc(MemoryLayout<T>.stride)!.bindMemory(to: T.self, capacity: 1)
      child.initialize(to: value)
      list[i] = child
    }
    return list
  }
}
