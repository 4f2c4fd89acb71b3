import Foundation
import Testing

import Hub

/// Side by side with Python's `huggingface_hub`: RECAP_PYTHON=/path/to/python (it must have the package).
@Suite(.enabled(if: ProcessInfo.processInfo.environment["RECAP_PYTHON"] != nil))
struct PythonTests {
  let ours = Sandbox()
  let theirs = Sandbox()

  /// Runs `snapshot_download` with a sandbox as its home, and returns what it prints.
  func python(_ sandbox: Sandbox, hub: FakeHub, offline: Bool) throws -> String {
    let process = Process()
    process.executableURL = URL(
      fileURLWithPath: ProcessInfo.processInfo.environment["RECAP_PYTHON"]!)
    process.arguments = [
      "-c",
      """
      from huggingface_hub import scan_cache_dir, snapshot_download
      print(snapshot_download("o/d", repo_type="dataset"))
      cache = scan_cache_dir()
      print(cache.size_on_disk, [str(w) for w in cache.warnings])
      """,
    ]
    var environment = ["HOME": sandbox.url.path, "HF_ENDPOINT": hub.hub.url]
    environment["HF_HUB_OFFLINE"] = offline ? "1" : "0"
    environment["HF_HUB_DISABLE_XET"] = "1"
    process.environment = environment
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
    return String(decoding: data, as: UTF8.self)
  }

  /// Files and links of a repository's folder that both lay out, with what they hold.
  func layout(_ sandbox: Sandbox) throws -> [String: String] {
    let folder = sandbox.url.path + "/.cache/huggingface/hub/datasets--o--d"
    var layout: [String: String] = [:]
    for name in FileManager.default.subpaths(atPath: folder)!
    where ["blobs", "refs", "snapshots"].contains(name.prefix { $0 != "/" }) {
      let path = folder + "/" + name
      layout[name] =
        (try? FileManager.default.destinationOfSymbolicLink(atPath: path))
        ?? FileManager.default.contents(atPath: path).map(FakeHub.sha256) ?? "folder"
    }
    return layout
  }

  @Test func eachReadsWhatTheOtherDownloaded() throws {
    let hub = FakeHub(DownloadTests.dataset)
    hub.change { $0.elsewhere = "localhost" }
    let bytes = DownloadTests.dataset.files.values.reduce(0) { $0 + $1.count }
    let expected = { (sandbox: Sandbox) in
      sandbox.url.path + "/.cache/huggingface/hub/datasets--o--d/snapshots/"
        + DownloadTests.dataset.commit + "\n\(bytes) []\n"
    }
    let folder = try Hub.folder(for: "o/d", kind: .dataset, settings: hub.settings(in: ours))
    #expect(try python(theirs, hub: hub, offline: false) == expected(theirs))
    #expect(try layout(ours) == layout(theirs))

    // Ours, read by theirs; theirs, read by ours.
    hub.forget()
    #expect(try python(ours, hub: hub, offline: true) == expected(ours))
    let read = try Hub.folder(for: "o/d", kind: .dataset, settings: hub.settings(in: theirs))
    #expect(read.path.hasSuffix(folder.path.dropFirst(ours.url.path.count)))
    #expect(hub.requests.isEmpty)

    // What one began, the other ends.
    let large = "datasets--o--d/snapshots/\(DownloadTests.dataset.commit)/videos/v.mp4"
    for (sandbox, end) in [
      (
        theirs,
        { _ = try Hub.folder(for: "o/d", kind: .dataset, settings: hub.settings(in: theirs)) }
      ),
      (ours, { _ = try python(ours, hub: hub, offline: false) }),
    ] {
      let file = sandbox.url.path + "/.cache/huggingface/hub/" + large
      let blob = URL(fileURLWithPath: file).resolvingSymlinksInPath()
      try FileManager.default.removeItem(atPath: file)
      try FileManager.default.removeItem(at: blob)
      try end()
      #expect(FileManager.default.contents(atPath: file) == DownloadTests.video)
    }
    #expect(try layout(ours) == layout(theirs))
  }
}
