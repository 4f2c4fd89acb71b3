import Foundation

/// A file of JSON lines, each found by the whole number of one of its keys; only where they lie is
/// held in memory.
final class JSONLineFile {
  private let path: String
  private let file: UnsafeMutablePointer<FILE>
  private var places: [Int: (offset: Int, length: Int, line: Int)] = [:]

  init(_ path: String, key: String) throws {
    let file = try openForReading(path)
    self.path = path
    self.file = file
    var buffer: UnsafeMutablePointer<CChar>?
    var capacity = 0
    defer { free(buffer) }
    var offset = 0
    var line = 0
    while true {
      let count = getline(&buffer, &capacity, file)
      if count < 0 { break }
      defer { offset += count }
      line += 1
      let bytes = UnsafeRawBufferPointer(start: buffer, count: count)
      if bytes.allSatisfy({ $0 <= 0x20 }) { continue }
      let json = try JSON(bytes, file: path, line: line)
      if let number = json[key]?.int { places[number] = (offset, count, line) }
    }
  }

  deinit { fclose(file) }

  /// The line of a number; nil when there is none.
  func line(_ number: Int) throws -> JSON? {
    guard let place = places[number] else { return nil }
    let bytes = try [UInt8](unsafeUninitializedCapacity: place.length) { buffer, count in
      count =
        fseek(file, place.offset, SEEK_SET) == 0
        ? fread(buffer.baseAddress, 1, place.length, file) : 0
      guard count == place.length else {
        throw DatasetError(path, "cannot be read: it has changed")
      }
    }
    return try JSON(bytes, file: path, line: place.line)
  }
}
