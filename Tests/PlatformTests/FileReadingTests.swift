import Foundation
import Platform
import Testing

@Suite struct FileReadingTests {
  private let folder: String = {
    let path = FileManager.default.temporaryDirectory.path + "/platform-" + UUID().uuidString
    mkdir(path, 0o700)
    return path
  }()

  private func problem(_ path: String, limit: Int = 1 << 20) -> String {
    do {
      return "\(try readFile(path, wanted: "a text", limit: limit).count) bytes"
    } catch { return error.problem }
  }

  @Test func whatIsNoFileIsSaid() throws {
    #expect(problem(folder) == "is a folder; wanted a text")
    #expect(
      problem(folder + "/none") == "cannot be read: no such file or directory; wanted a text")
    #expect(
      problem(String(repeating: "q", count: 5000))
        == "cannot be read: file name too long; wanted a text")
    #expect(problem("/dev/zero") == "has more than 1048576 bytes; wanted a text")
    #expect(problem("/dev/null") == "0 bytes")
  }

  @Test func aPipeIsReadIfSomebodyWrites() throws {
    let path = folder + "/pipe"
    #expect(mkfifo(path, 0o600) == 0)
    #expect(problem(path) == "0 bytes")
    let pipe = Pipe()
    Thread {
      Thread.sleep(forTimeInterval: 0.1)
      try? pipe.fileHandleForWriting.write(contentsOf: Data("later".utf8))
      try? pipe.fileHandleForWriting.close()
    }.start()
    #expect(problem("/dev/fd/\(pipe.fileHandleForReading.fileDescriptor)") == "5 bytes")
  }

  @Test func aTextIsQuotedInPart() {
    #expect(excerpt("abc") == "abc" && excerpt("abc", 2) == "ab…")
    #expect(excerpt("a\nb\u{1B}[2J\u{2028}c") == "a?b?[2J?c")
  }

  /// Foundation's own text of this is `Error Domain=NSCocoaErrorDomain Code=260 "(null)"` or the like.
  @Test func foundationsErrorsAreWords() throws {
    for (path, wanted) in [
      (folder + "/none", "no such file or directory"), (folder, "it cannot be read"),
    ] {
      var text = ""
      do { _ = try Data(contentsOf: URL(fileURLWithPath: path)) } catch {
        text = systemProblem(error)
      }
      #expect(text == wanted)
    }
    #expect(systemProblem(POSIXError(.ENOSPC)) == "no space left on device")
    #expect(systemProblem(CocoaError(.fileWriteNoPermission)) == "permission denied")
  }
}
