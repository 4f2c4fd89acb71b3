import Foundation
import Synchronization
import Testing

import Hub

@Suite struct DownloadTests {
  let sandbox = Sandbox()
  static let video = Data((0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) })
  static let dataset = FakeHub.Repository(
    files: [
      "meta/info.json": Data("{}".utf8), "README.md": Data("hello\n".utf8), "empty": Data(),
      "data/chunk-000/a b+ü.parquet": Data("parquet".utf8), "videos/v.mp4": video,
    ], large: ["videos/v.mp4"])

  var cache: String { sandbox.url.path + "/.cache/huggingface/hub/datasets--o--d" }
  var snapshot: String { cache + "/snapshots/" + Self.dataset.commit }
  var blob: String { cache + "/blobs/" + FakeHub.sha256(Self.video) }

  func contents(_ path: String) -> Data? { FileManager.default.contents(atPath: path) }

  func isWhole() -> Bool {
    Self.dataset.files.allSatisfy { contents(snapshot + "/" + $0.key) == $0.value }
  }

  @discardableResult
  func get(
    _ hub: FakeHub, revision: String? = nil, including: ((String) -> Bool)? = nil,
    environment: [String: String] = [:]
  ) throws -> String {
    try Hub.folder(
      for: "o/d", kind: .dataset, revision: revision, including: including,
      settings: hub.settings(in: sandbox, environment)
    ).path
  }

  func message(_ body: () throws -> Void) -> String {
    do { try body() } catch { return "\(error)" }
    return "(no error)"
  }

  @Test func theTestsOwnHashIsRight() {
    #expect(
      FakeHub.gitSHA1(Data("hello\n".utf8)) == "ce013625030ba8dba906f756967f9e9ca394464a")
    #expect(FakeHub.gitSHA1(Data()) == "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391")
  }

  @Test(arguments: [true, false]) func whatIsNotThereIsDownloaded(hasTree: Bool) throws {
    let hub = FakeHub(Self.dataset)
    hub.change { ($0.hasTree, $0.page) = (hasTree, 2) }
    #expect(try get(hub) == snapshot)
    #expect(isWhole())
    #expect(contents(cache + "/refs/main") == Data(Self.dataset.commit.utf8))
    let links = try [
      "README.md": "../../blobs/ce013625030ba8dba906f756967f9e9ca394464a",
      "data/chunk-000/a b+ü.parquet":
        "../../../../blobs/" + FakeHub.gitSHA1(Data("parquet".utf8)),
      "videos/v.mp4": "../../../blobs/" + FakeHub.sha256(Self.video),
    ].map {
      try FileManager.default.destinationOfSymbolicLink(atPath: snapshot + "/" + $0.key) == $0.value
    }
    #expect(links == [true, true, true])
    let blobs = try FileManager.default.contentsOfDirectory(atPath: cache + "/blobs")
    #expect(blobs.count == 5 && !blobs.contains { $0.hasSuffix(".incomplete") })

    // What is in the cache needs no network: neither a request nor a server.
    hub.forget()
    #expect(try get(hub) == snapshot && get(hub, revision: "main") == snapshot)
    #expect(hub.requests.isEmpty)
    hub.hub.stop()
    #expect(try get(hub, revision: Self.dataset.commit) == snapshot)
    #expect(try get(hub, environment: ["HF_HUB_OFFLINE": "1"]) == snapshot)
  }

  @Test func revisionsAreBranchesTagsAndCommits() throws {
    let hub = FakeHub(Self.dataset)
    hub.change { $0.revisions = ["main", "v2.1", "refs/pr/1"] }
    for revision in ["v2.1", "refs/pr/1", Self.dataset.commit] {
      #expect(try get(hub, revision: revision) == snapshot)
    }
    let refs = FileManager.default.enumerator(atPath: cache + "/refs")!.compactMap { $0 as? String }
    #expect(refs.sorted() == ["refs", "refs/pr", "refs/pr/1", "v2.1"])
    let text = message { try get(hub, revision: "v9") }
    #expect(text.contains("it has refs/pr/1, v2.1, c0ffee00"))
    #expect(text.contains("no such revision (404)") && !text.contains("\n"))
  }

  @Test func chosenFilesAreDownloadedAndTheRestLater() throws {
    let hub = FakeHub(Self.dataset)
    try get(hub, including: { $0.hasPrefix("meta/") })
    #expect(contents(snapshot + "/meta/info.json") != nil && contents(snapshot + "/empty") == nil)
    // Nothing newer is looked for, and what is there is not fetched again.
    hub.forget()
    try get(hub)
    #expect(isWhole())
    #expect(!hub.requests.contains { $0.path.contains("info.json") || $0.path.contains("/api/") })
  }

  @Test func aPartIsGoneOnWith() throws {
    let hub = FakeHub(Self.dataset)
    _ = try sandbox.folder(String(cache.dropFirst(sandbox.url.path.count)) + "/blobs")
    try Self.video.prefix(100_000).write(to: URL(fileURLWithPath: blob + ".incomplete"))
    try get(hub)
    #expect(isWhole())
    #expect(hub.cdn.requests.map { $0.headers["range"] } == ["bytes=100000-"])
  }

  @Test func aServerThatCannotGoOnBeginsAgain() throws {
    let hub = FakeHub(Self.dataset)
    hub.change { $0.faults = [("v.mp4", .init(status: 200, body: Self.video, cut: 50_000))] }
    hub.change { $0.faults += [("/cdn/videos/v.mp4", .init(status: 200, body: Self.video))] }
    // The first fault is the hub's own answer, cut off; the second the CDN's, without a range.
    try get(hub)
    #expect(isWhole())
    #expect(hub.cdn.requests.first?.headers["range"] == "bytes=50000-")
  }

  @Test func whatMayPassIsTriedAgain() throws {
    let hub = FakeHub(Self.dataset)
    hub.change {
      $0.faults = [
        ("revision/main", .init(status: 503)),
        ("README.md", .init(status: 500)),
        ("info.json", .init(status: 429, headers: ["Retry-After": "0"])),
        ("/cdn/videos/v.mp4", .init(status: 200, body: Self.video, cut: 1000)),
      ]
    }
    try get(hub)
    #expect(isWhole())
    #expect(hub.cdn.requests.map { $0.headers["range"] } == [nil, "bytes=1000-"])
    hub.change { $0.faults = Array(repeating: ("revision/v1", .init(status: 502)), count: 9) }
    #expect(message { try get(hub, revision: "v1") }.contains("out of order (502"))
  }

  @Test func wrongBytesAreNeverTakenForRight() throws {
    let hub = FakeHub(Self.dataset)
    var wrong = Self.video
    wrong[7] ^= 1
    let fault = LocalServer.Answer(status: 200, body: wrong)
    hub.change { $0.faults = [("/cdn/videos/v.mp4", fault), ("/cdn/videos/v.mp4", fault)] }
    let text = message { try get(hub) }
    #expect(
      text.contains("file videos/v.mp4: the bytes that came are not those the hub has a hash"))
    #expect(contents(blob) == nil && contents(blob + ".incomplete") == nil)
    #expect(contents(cache + "/refs/main") == nil)
    // One wrong answer is got over; so is a wrong part from before.
    hub.change { $0.faults = [("README.md", .init(status: 200, body: Data("hellp\n".utf8)))] }
    try wrong.prefix(100).write(to: URL(fileURLWithPath: blob + ".incomplete"))
    try get(hub)
    #expect(isWhole())
  }

  @Test func moreBytesThanAFileHasAreRefused() throws {
    let hub = FakeHub(Self.dataset)
    hub.change {
      $0.faults = [("README.md", .init(status: 200, body: Data(count: 1 << 20)))]
    }
    #expect(message { try get(hub) }.contains("sends more than the 6 bytes"))
  }

  @Test func whoIsRefusedLearnsWhy() throws {
    let hub = FakeHub(Self.dataset)
    hub.change { $0.token = "hf_secret" }
    let unnamed = message { try get(hub) }
    #expect(unnamed.contains("401") && unnamed.contains("set HF_TOKEN"))
    #expect(unnamed.contains("there is no such folder here") && !unnamed.contains("\n"))
    let wrong = message { try get(hub, environment: ["HF_TOKEN": "other"]) }
    #expect(wrong.contains("is refused or may not read it") && !wrong.contains("other "))
    hub.change {
      $0.faults = [("README.md", .init(status: 403, headers: ["X-Error-Code": "GatedRepo"]))]
    }
    let gated = message { try get(hub, environment: ["HF_TOKEN": "hf_secret"]) }
    #expect(gated.contains("file README.md: access is restricted (403). Accept its licence at"))
    #expect(gated.contains("\(hub.hub.url)/datasets/o/d"))

    // The token may lie in a file. It never went to the other server.
    try sandbox.file(".cache/huggingface/token", "hf_secret\n")
    try get(hub)
    #expect(isWhole())
    #expect(hub.cdn.requests.allSatisfy { $0.headers["authorization"] == nil })
    let nothing = message {
      _ = try Hub.folder(for: "o/none", kind: .dataset, settings: hub.settings(in: sandbox))
    }
    #expect(nothing.contains("no such dataset or revision (404)"))
  }

  @Test func aRepositoryThatMovedIsFollowedWithTheToken() throws {
    let hub = FakeHub(Self.dataset)
    hub.change {
      $0.token = "t"
      let target = "/api/datasets/o/d/revision/main?moved"
      $0.revisions.append("main?moved")
      $0.faults = [("revision/main", .init(status: 307, headers: ["Location": target]))]
    }
    try get(hub, environment: ["HF_TOKEN": "t"])
    #expect(isWhole())
  }

  @Test func withoutANetworkTheReasonIsSaid() throws {
    let hub = FakeHub(Self.dataset)
    for variable in ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"] {
      let text = message { try get(hub, environment: [variable: "true"]) }
      #expect(text.contains("\(variable) is set") && !text.contains("\n"))
    }
    #expect(hub.requests.isEmpty)
    hub.hub.stop()
    let text = message { try get(hub) }
    #expect(text.contains("\(hub.hub.url) cannot be reached") && !text.contains("\n"))
  }

  @Test func anUnfinishedSnapshotIsFoundOut() throws {
    let hub = FakeHub(Self.dataset)
    try get(hub)
    try FileManager.default.removeItem(atPath: snapshot + "/videos/v.mp4")
    try Data("x".utf8).write(to: URL(fileURLWithPath: snapshot + "/README.md"))
    let text = message { try get(hub, environment: ["HF_HUB_OFFLINE": "1"]) }
    #expect(text.contains("2 of 5 files are missing (README.md, videos/v.mp4)"))
    #expect(try get(hub, including: { $0 == "empty" }) == snapshot)
    hub.forget()
    try get(hub)
    // The video's blob is still there; the text was replaced.
    #expect(isWhole() && hub.cdn.requests.isEmpty)
  }

  @Test func aSnapshotThatNobodyListedIsCompleted() throws {
    let hub = FakeHub(Self.dataset)
    try get(hub, including: { $0 == "empty" })
    try FileManager.default.removeItem(atPath: cache + "/.recap")
    // The server gives no answer: it is used as it is.
    hub.change { $0.faults = [("revision/" + Self.dataset.commit, .init(status: 404))] }
    #expect(try get(hub) == snapshot && contents(snapshot + "/README.md") == nil)
    #expect(try get(hub, environment: ["HF_HUB_OFFLINE": "1"]) == snapshot)
    try get(hub)
    #expect(isWhole())
  }

  @Test func aNewCommitComesWhenItIsAskedFor() throws {
    let hub = FakeHub(Self.dataset)
    try get(hub)
    hub.change {
      $0.commit = "beef"
      $0.files["README.md"] = Data("new".utf8)
    }
    hub.forget()
    #expect(try get(hub) == snapshot && hub.requests.isEmpty)
    let url = try Hub.download("o/d", kind: .dataset, settings: hub.settings(in: sandbox))
    #expect(url.path == cache + "/snapshots/beef")
    #expect(contents(url.path + "/README.md") == Data("new".utf8))
    #expect(hub.cdn.requests.isEmpty && contents(cache + "/refs/main") == Data("beef".utf8))
    #expect(try get(hub) == url.path)
    let offline = hub.settings(in: sandbox, ["HF_HUB_OFFLINE": "1"])
    #expect(try Hub.download("o/d", kind: .dataset, settings: offline) == url)
  }

  @Test(arguments: ["../evil", "a/../../evil", "/evil", "a//b", "", "a/."])
  func aNameThatLeavesTheFolderIsRefused(name: String) throws {
    let hub = FakeHub(Self.dataset)
    for hasTree in [true, false] {
      hub.change {
        $0.files[name] = Data("x".utf8)
        $0.hasTree = hasTree
      }
      #expect(message { try get(hub) }.contains("would be outside of the folder"))
    }
    #expect(FileManager.default.subpaths(atPath: sandbox.url.path)?.isEmpty ?? true)
  }

  @Test func manyAtOnceDownloadEachFileOnce() throws {
    let hub = FakeHub(Self.dataset)
    let found = Mutex<[String]>([])
    let settings = hub.settings(in: sandbox)
    DispatchQueue.concurrentPerform(iterations: 4) { _ in
      let path = (try? Hub.folder(for: "o/d", kind: .dataset, settings: settings).path) ?? "failed"
      found.withLock { $0.append(path) }
    }
    #expect(found.withLock { $0 } == Array(repeating: snapshot, count: 4))
    #expect(isWhole() && hub.cdn.requests.count == 1)
  }

  @Test func progressIsToldAndEndsWhole() throws {
    let hub = FakeHub(Self.dataset)
    let told = Mutex<[HubProgress]>([])
    hub.change {
      $0.faults = [("/cdn/videos/v.mp4", .init(status: 200, body: Self.video, cut: 1000))]
    }
    _ = try Hub.download("o/d", kind: .dataset, settings: hub.settings(in: sandbox)) { progress in
      told.withLock { $0.append(progress) }
    }
    let last = try #require(told.withLock { $0.last })
    let bytes = Self.dataset.files.values.reduce(0) { $0 + $1.count }
    #expect(last.isLast && last.filesDone == 5 && last.filesTotal == 5 && last.name == "o/d")
    #expect(last.bytesDone == bytes && last.bytesTotal == bytes)
  }

  @Test func aServerOfAnotherKindIsNamed() throws {
    let hub = FakeHub(Self.dataset)
    hub.change { $0.faults = [("revision/main", .init(status: 200, body: Data("<html>".utf8)))] }
    #expect(message { try get(hub) }.contains("the answer is not the hub's; wanted JSON"))
  }

  /// Sizes that a server says and that cannot be are refused before anything is added up or written.
  @Test func sizesThatCannotBe() throws {
    let tree = "tree/\(Self.dataset.commit)?recursive=true&expand=false"
    func refusal(_ entries: String) throws -> String {
      let hub = FakeHub(Self.dataset)
      hub.change { $0.faults = [(tree, .init(status: 200, body: Data("[\(entries)]".utf8)))] }
      let text = message { try get(hub) }
      #expect(contents(snapshot + "/README.md") == nil)
      return text
    }
    func entry(_ name: String, _ size: String) -> String {
      #"{"type": "file", "path": "\#(name)", "oid": "\#(name)\#(name)", "size": \#(size)}"#
    }
    let half = "6000000000000000"
    #expect(
      try refusal(entry("a", "-5")).contains(
        "o/d: the server says that \"a\" has -5 bytes, which cannot be; nothing was written."))
    for entries in [
      entry("a", "9223372036854775807"), entry("a", "-9223372036854775808"),
      entry("a", half) + "," + entry("b", half),
      entry("a", "9223372036854775807") + "," + entry("b", "9223372036854775807"),
      #"{"type": "file", "path": "a", "oid": "a", "size": 1, "lfs": {"oid": "b", "size": -1}}"#,
    ] {
      let text = try refusal(entries)
      #expect(text.contains("which cannot be; nothing was written."), "\(text)")
    }
  }

  /// The same where sizes come with each file.
  @Test(arguments: ["-1", "9223372036854775807", "99999999999999999999", "1e3"])
  func aLengthThatCannotBe(length: String) throws {
    let hub = FakeHub(Self.dataset)
    hub.change {
      $0.hasTree = false
      let headers = ["ETag": "\"abc\"", "X-Linked-Size": length]
      $0.faults = [("/README.md", .init(status: 200, headers: headers))]
    }
    let text = message { try get(hub) }
    #expect(text.contains("the server says that it has \(length) bytes"), "\(text)")
  }

  /// What lies in the cache may have been written by anyone.
  @Test func aListingOfTheCacheThatCannotBe() throws {
    let hub = FakeHub(Self.dataset)
    _ = try get(hub)
    let file = cache + "/.recap/" + Self.dataset.commit + ".json"
    for size in ["-1", "9223372036854775807"] {
      try Data(
        #"{"format_version": 1, "files": {"a": {"size": \#(size)}, "b": {"size": \#(size)}}}"#.utf8
      ).write(to: URL(fileURLWithPath: file))
      #expect(try get(hub) == snapshot)
      #expect(isWhole())
    }
  }
}
