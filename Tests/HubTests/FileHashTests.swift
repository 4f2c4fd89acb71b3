import Foundation
import Testing

import Hub

@Suite struct FileHashTests {
  let sandbox = Sandbox()
  var store: URL { sandbox.url.appendingPathComponent("cache/hashes.json") }

  func hash(_ file: URL) throws -> String {
    try FileHash.sha256(of: [file], rememberedIn: store)[0]
  }

  /// The examples of FIPS 180-4 and NIST's long vector: the text, how often, the digest.
  @Test(arguments: [
    ("", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    ("a", 1_000_000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
  ])
  func publishedDigests(text: String, count: Int, digest: String) throws {
    let file = try sandbox.file("f", String(repeating: text, count: count))
    #expect(try hash(file) == digest)
  }

  @Test func aLargeFileIsRememberedUntilItChanges() throws {
    let megabyte = String(repeating: "x", count: 1 << 20)
    let file = try sandbox.file("large", megabyte)
    let digest = try hash(file)
    #expect(digest == "8f990ba0b577b51cf009ea049368c16bbda1b21e1b93be07a824758bb253c39b")
    // A digest planted in the store is what comes back: the file was not read.
    let planted = String(repeating: "0", count: 64)
    let text = try String(contentsOf: store, encoding: .utf8)
    #expect(text.contains(digest))
    try Data(text.replacing(digest, with: planted).utf8).write(to: store)
    #expect(try hash(file) == planted)
    try sandbox.file("large", megabyte + "y")
    #expect(try hash(file) != planted)
    try Data("not JSON".utf8).write(to: store)
    try sandbox.file("large", megabyte)
    #expect(try hash(file) == digest)
  }

  @Test func aFileThatIsNotThereIsNamed() throws {
    let url = sandbox.url.appendingPathComponent("none")
    #expect(throws: HubError.self) { try hash(url) }
    do { _ = try hash(url) } catch {
      #expect("\(error)".contains("/none: cannot be read: No such"))
    }
    #expect(throws: HubError.self) { try hash(sandbox.url) }
  }

  @Test func manyWritersLoseNothing() async throws {
    let files = try (0..<8).map {
      try sandbox.file("f\($0)", String(repeating: "\($0)", count: 1 << 20))
    }
    await withTaskGroup(of: Void.self) { group in
      for file in files {
        group.addTask { [store] in
          _ = try? FileHash.sha256(of: [file], rememberedIn: store)
        }
      }
    }
    let text = try String(contentsOf: store, encoding: .utf8)
    for index in 0..<8 { #expect(text.contains("/f\(index)\"")) }
  }
}
