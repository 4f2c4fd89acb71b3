import Foundation
import Testing
import Torch

@Suite struct AtomicWriteTests {
  private struct Refusal: Error {}

  @Test func replacesWholeFiles() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/state.json"
      for text in ["first", "second, longer", "3"] {
        try writeAtomically(to: path) { try write(Data(text.utf8), $0) }
        #expect(try String(decoding: contents(path), as: UTF8.self) == text)
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["state.json"])
    }
  }

  @Test func keepsTheOldFileOnFailure() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/state.json"
      try write(Data("old".utf8), path)
      #expect(throws: Refusal.self) {
        try writeAtomically(to: path) {
          try write(Data("half".utf8), $0)
          throw Refusal()
        }
      }
      #expect(try String(decoding: contents(path), as: UTF8.self) == "old")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["state.json"])
    }
  }

  @Test func takesOverWhatAKilledWriterLeft() throws {
    try withTemporaryFolder { folder in
      try write(Data("leftover, longer than what follows".utf8), folder + "/.a.partial")
      try writeAtomically(to: folder + "/a") { partial in
        #expect(try contents(partial).isEmpty)
        try write(Data("new".utf8), partial)
      }
      #expect(try String(decoding: contents(folder + "/a"), as: UTF8.self) == "new")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["a"])
    }
  }

  @Test func writersOfOneFileTakeTurns() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/shared"
      DispatchQueue.concurrentPerform(iterations: 40) { index in
        let text = Data(String(repeating: "\(index % 10)", count: 5000).utf8)
        do {
          try writeAtomically(to: path) { partial in
            let handle = try #require(FileHandle(forWritingAtPath: partial))
            try handle.write(contentsOf: text.prefix(2500))
            try handle.write(contentsOf: text.suffix(2500))
            try handle.close()
          }
        } catch { Issue.record("\(error)") }
      }
      let bytes = try contents(path)
      #expect(bytes.count == 5000 && Set(bytes).count == 1)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["shared"])
    }
  }

  @Test func namesFileAndReason() throws {
    try withTemporaryFolder { folder in
      let fault = fileFault { try writeAtomically(to: folder + "/none/x") { _ in } }
      #expect(fault == "\(folder)/none/x: cannot be written: no such file or directory")
      #expect(fileFault { try writeAtomically(to: folder + "/") { _ in } }.contains("folder"))
    }
    // A device that is always full.
    let sink = try FileSink("/dev/full", for: "model.pt")
    withUnsafeBytes(of: 1) { sink.append($0) }
    let fault = fileFault { try sink.finish() }
    #expect(fault == "model.pt: cannot be written: no space left on device")
  }
}
