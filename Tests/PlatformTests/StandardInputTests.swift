import Foundation
import Platform
import Testing

/// Lines of an input, however the bytes arrive.
@Suite struct StandardInputTests {
  /// The lines of these pieces, written one after the other; nil for one that is too long.
  private func lines(_ pieces: [[UInt8]], longest: Int = 100) throws -> [String?] {
    let pipe = Pipe()
    let writer = Thread {
      for piece in pieces { pipe.fileHandleForWriting.write(Data(piece)) }
      try? pipe.fileHandleForWriting.close()
    }
    writer.start()
    let input = StandardInput(
      descriptor: pipe.fileHandleForReading.fileDescriptor, longest: longest)
    var found: [String?] = []
    while let line = try input.line() {
      switch line {
      case .bytes(let bytes): found.append(String(decoding: bytes, as: UTF8.self))
      case .tooLong: found.append(nil)
      }
    }
    return found
  }

  @Test func linesEndAtLineFeeds() throws {
    #expect(try lines([Array("a\nbc\n\nd".utf8)]) == ["a", "bc", "", "d"])
    #expect(try lines([Array("a".utf8), Array("b\n".utf8), Array("c".utf8)]) == ["ab", "c"])
    #expect(try lines([]) == [] && lines([[0x0A]]) == [""])
  }

  @Test func longLinesAreSkippedAndTheNextOnesRead() throws {
    let long = [UInt8](repeating: 0x61, count: 1_000_000)
    let hundred = [UInt8](repeating: 0x62, count: 100)
    let text = String(decoding: hundred, as: UTF8.self)
    #expect(
      try lines([Array("x\n".utf8), long, [0x0A], hundred, Array("\ny\n".utf8)])
        == ["x", nil, text, "y"])
    #expect(try lines([hundred, Array("b\nz".utf8)]) == [nil, "z"])
    #expect(try lines([long]) == [nil])
  }

  @Test func aFolderIsNoInput() throws {
    let folder = open(NSTemporaryDirectory(), O_RDONLY)
    defer { close(folder) }
    let error = #expect(throws: FileError.self) {
      try StandardInput(descriptor: folder, longest: 9).line()
    }
    #expect(error?.description == "standard input: cannot be read: is a directory")
  }
}
