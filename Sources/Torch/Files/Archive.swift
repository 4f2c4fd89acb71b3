import CTorch
import Platform

/// The zip file that `torch.save` writes, read where it lies in memory.
final class Archive {
  private let file: MappedFile
  private let raw: ct_archive

  init(_ file: MappedFile) throws {
    self.file = file
    var archive = ct_archive()
    if let problem = failure({ ct_archive_open(&archive, file.bytes.baseAddress, file.bytes.count) }
    ) {
      throw FileError(file.path, "is no complete PyTorch file: \(problem)")
    }
    raw = archive
  }

  deinit { ct_archive_close(raw) }

  /// The content of a record, its checksum verified; nil where there is no such record.
  func record(_ name: String) throws -> MemoryRegion? {
    var header = 0
    var start = 0
    var count = 0
    if let problem = failure({ ct_archive_find(&header, &start, &count, raw, name) }) {
      throw damaged(name, problem)
    }
    if count < 0 { return nil }
    let isStored = try field(header + 8, UInt16.self, name) == 0
    let hasTrailer = try field(header + 6, UInt16.self, name) & 8 != 0
    let region: MemoryRegion
    if isStored {
      guard start >= 0, count <= file.bytes.count - start else {
        throw damaged(name, "it reaches beyond the end of the file")
      }
      region = file.region[start..<start + count]
    } else {
      // Deflate makes at most 1032 bytes of one.
      guard count / 1032 <= file.bytes.count else { throw damaged(name, "its length is too large") }
      let buffer = HeapBuffer(count: count)
      if let problem = failure({ ct_archive_read(raw, name, buffer.bytes.baseAddress, count) }) {
        throw damaged(name, problem)
      }
      region = buffer.region
      if hasTrailer { return region }  // whose place is not known
    }
    var place = header + 14
    if hasTrailer {
      let signature: UInt32 = 0x0807_4B50
      place = start + count
      if try field(place, UInt32.self, name) == signature { place += 4 }
    }
    let wanted = try field(place, UInt32.self, name)
    guard ct_crc32(0, region.bytes.baseAddress, count) == wanted else {
      throw damaged(name, "its checksum does not match")
    }
    return region
  }

  private func field<T: FixedWidthInteger>(
    _ place: Int, _: T.Type, _ name: String
  ) throws -> T {
    guard place >= 0, place <= file.bytes.count - MemoryLayout<T>.size else {
      throw damaged(name, "it reaches beyond the end of the file")
    }
    return T(littleEndian: file.bytes.loadUnaligned(fromByteOffset: place, as: T.self))
  }

  private func damaged(_ name: String, _ why: String) -> FileError {
    FileError(file.path, "is damaged at its record \(name): \(why)")
  }
}

/// What a call of libtorch failed with; a failure of its own, so that an attempt around has not failed and
/// the error that the caller throws counts.
private func failure(_ call: () -> Int32) -> String? {
  do {
    return try attempt { call() } == 0 ? nil : libtorchMessage()
  } catch {
    return "\(error)"
  }
}

/// Writes the zip file that `torch.load` reads, from start to end.
final class ArchiveWriter {
  private let sink: FileSink
  private let path: String
  private var raw = ct_archive_writer()
  private var isOpen = false

  /// Writes to `file`; errors name `path`.
  init(_ file: String, for path: String) throws {
    sink = try FileSink(file, for: path)
    self.path = path
    let context = Unmanaged.passUnretained(sink).toOpaque()
    let write: @convention(c) (UnsafeMutableRawPointer?, UnsafeRawPointer?, Int) -> Int = {
      let sink = Unmanaged<FileSink>.fromOpaque($0!).takeUnretainedValue()
      sink.append(UnsafeRawBufferPointer(start: $1, count: $2))
      return $2
    }
    guard ct_archive_create(&raw, write, context) == 0 else {
      throw FileError(path, "cannot be written: \(libtorchMessage())")
    }
    isOpen = true
  }

  deinit { if isOpen { _ = ct_archive_finish(raw) } }

  func write(_ name: String, _ bytes: UnsafeRawBufferPointer) throws {
    // libtorch wants an address even for no bytes.
    let status = withUnsafeBytes(of: UInt8(0)) { empty in
      ct_archive_write(raw, name, bytes.baseAddress ?? empty.baseAddress!, bytes.count)
    }
    try sink.throwIfFailed()
    try throwIfFailed(status)
  }

  func write(_ name: String, _ text: String) throws {
    var text = text
    try text.withUTF8 { try write(name, UnsafeRawBufferPointer($0)) }
  }

  func finish() throws {
    isOpen = false
    let status = ct_archive_finish(raw)
    try sink.finish()
    try throwIfFailed(status)
  }

  private func throwIfFailed(_ status: Int32) throws {
    if status != 0 { throw FileError(path, "cannot be written: \(libtorchMessage())") }
  }
}
