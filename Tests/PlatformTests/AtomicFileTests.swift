import Foundation
import Platform
import Testing

@Suite struct AtomicFileTests {
  private struct Refusal: Error {}

  @Test func replacesWholeFiles() throws {
    let scratch = try Scratch()
    for text in ["first", "second, longer", "3"] {
      try AtomicFile.write("\(scratch.path)/state", bytes: text.utf8)
      #expect(try scratch.read("state") == text)
    }
    #expect(try scratch.names() == ["state"])
  }

  @Test func keepsTheOldFileOnFailure() throws {
    let scratch = try Scratch()
    try scratch.write("old", "state")
    #expect(throws: Refusal.self) {
      try AtomicFile.write("\(scratch.path)/state") { temporary in
        try Data("half".utf8).write(to: URL(fileURLWithPath: temporary))
        throw Refusal()
      }
    }
    #expect(try scratch.read("state") == "old")
    #expect(try scratch.names() == ["state"])
  }

  @Test func copiesByteForByte() throws {
    let scratch = try Scratch()
    let bytes = Data((0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) })
    try bytes.write(to: URL(fileURLWithPath: "\(scratch.path)/a"))
    try AtomicFile.copy("\(scratch.path)/a", to: "\(scratch.path)/b")
    #expect(FileManager.default.contents(atPath: "\(scratch.path)/b") == bytes)
    #expect(
      message { try AtomicFile.copy("\(scratch.path)/none", to: "\(scratch.path)/c") }
        == "\(scratch.path)/none: cannot be read: no such file or directory")
    #expect(try scratch.names() == ["a", "b"])
  }

  @Test func whatAKilledWriterLeftGoesAndWhatALivingOneHasStays() throws {
    let scratch = try Scratch()
    let (dead, living) = (".a.0123456789abcdef.partial", ".a.fedcba9876543210.partial")
    try scratch.write("of the dead", dead)
    try scratch.write("somebody's own", ".notes.partial")
    let descriptor = try scratch.hold(living)
    defer { close(descriptor) }
    try AtomicFile.write("\(scratch.path)/a", bytes: "new".utf8)
    #expect(try scratch.names() == [living, ".notes.partial", "a"].sorted())
  }

  @Test func writersOfOneFileDoNotMix() throws {
    let scratch = try Scratch()
    let path = "\(scratch.path)/shared"
    DispatchQueue.concurrentPerform(iterations: 40) { index in
      let text = Data(String(repeating: "\(index % 10)", count: 5000).utf8)
      do {
        try AtomicFile.write(path) { temporary in
          let handle = try #require(FileHandle(forWritingAtPath: temporary))
          try handle.write(contentsOf: text.prefix(2500))
          try handle.write(contentsOf: text.suffix(2500))
          try handle.close()
        }
      } catch { Issue.record("\(error)") }
    }
    let text = try scratch.read("shared")
    #expect(text.count == 5000 && Set(text).count == 1)
    #expect(try scratch.names() == ["shared"])
  }

  @Test func namesFileAndReason() throws {
    let scratch = try Scratch()
    func fault(_ path: String) -> String { message { try AtomicFile.write(path, bytes: []) } }
    #expect(
      fault("\(scratch.path)/none/x")
        == "\(scratch.path)/none/x: cannot be written: no such file or directory")
    #expect(fault("\(scratch.path)/").contains("names a folder; wanted a file"))
    #expect(fault(scratch.path) == "\(scratch.path): is a folder; wanted a file to write")
    // A rename would put a file in the device's place.
    #expect(fault("/dev/null") == "/dev/null: is no plain file; wanted a file to write")
    // The longest name that a file can have leaves room for that of its partial.
    let long = String(repeating: "n", count: 255)
    #expect(fault("\(scratch.path)/\(long)") == "")
    let sink = try FileSink("/dev/full", for: "model.pt")
    withUnsafeBytes(of: 1) { sink.append($0) }
    #expect(
      message { try sink.finish() } == "model.pt: cannot be written: no space left on device")
  }
}
