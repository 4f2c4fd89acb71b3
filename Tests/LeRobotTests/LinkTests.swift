import Foundation
import LeRobot
import Testing

/// Symbolic links, pipes and devices in a dataset's folder.
@Suite struct LinkTests {
  private func link(_ folder: Folder, _ name: String, to target: String) throws {
    try FileManager.default.createDirectory(
      at: folder.url(name).deletingLastPathComponent(), withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      atPath: folder.url(name).path, withDestinationPath: target)
  }

  private func write(_ folder: Folder, _ name: String) throws {
    try FileManager.default.createDirectory(
      at: folder.url(name).deletingLastPathComponent(), withIntermediateDirectories: true)
    try name.write(to: folder.url(name), atomically: true, encoding: .utf8)
  }

  /// The files of a copy that are not the format's, and what was said.
  private func copy(
    _ folder: Folder, to target: Folder, episodes: Int? = nil
  ) throws -> (extra: [String], remarks: [String]) {
    let dataset = try Dataset(folder: folder.path)
    let remarks = try DatasetCopy(Array(dataset.copies.prefix(episodes ?? .max)))
      .write(to: target.path, version: .v21)
    let known = ["data", "videos", "meta"]
    let files = FileManager.default.enumerator(atPath: target.path)!.compactMap { $0 as? String }
      .filter { target.isFile($0) && !known.contains(String($0.split(separator: "/")[0])) }
    #expect(!files.contains { $0.contains("passwd") || $0.hasPrefix("ssl") })
    return (files.sorted(), remarks.map { $0.replacing(folder.path + ": ", with: "") })
  }

  @Test(arguments: [nil, 2]) func noLinkLeadsOutOrInACircle(episodes: Int?) throws {
    try withCopy(of: pusht) { folder in
      try FileManager.default.removeItem(at: folder.url("README.md"))
      try write(folder, "notes/a.txt")
      for (name, target) in [
        ("ssl", "/etc/ssl"), ("notes/passwd", "/etc/passwd"), ("far", "../../../../../../etc"),
        ("up", ".."), ("self", "."), ("notes/root", ".."), ("whole", folder.path),
        ("loop", "loop"), ("one", "two"), ("two", "one"), ("zero", "/dev/zero"),
        ("inside", "notes/a.txt"), ("again", "notes"), ("gone", "nowhere"),
      ] { try link(folder, name, to: target) }
      #expect(mkfifo(folder.url("pipe").path, 0o600) == 0)
      #expect(mkfifo(folder.url("meta/pipe.json").path, 0o600) == 0)
      try withFolder("linked") { target in
        let (extra, remarks) = try copy(folder, to: target, episodes: episodes)
        #expect(extra == ["again/a.txt", "inside", "notes/a.txt"])
        #expect(
          remarks == [
            "again/passwd, far, notes/passwd, ssl, up are left out: each is a symbolic link out of the dataset",
            "again/root, loop, notes/root, one, self, two, whole are left out: each is a symbolic link in a "
              + "circle",
            "gone is left out: it is a symbolic link to nothing",
            "meta/pipe.json, pipe, zero are left out: each is no plain file (a pipe, a socket or a device)",
          ])
        #expect(try String(contentsOf: target.url("inside"), encoding: .utf8) == "notes/a.txt")
      }
    }
  }

  /// Each folder links to the next twice: all ways together would be 2^40.
  @Test func linksThatMultiply() throws {
    try withCopy(of: pusht) { folder in
      for number in 0..<40 {
        try write(folder, "d\(number)/file")
        for side in ["left", "right"] {
          try link(folder, "d\(number)/\(side)", to: "../d\(number + 1)")
        }
      }
      try write(folder, "d40/file")
      try withFolder("multiplied") { target in
        let (extra, remarks) = try copy(folder, to: target)
        // README.md, a file of each folder, and one of each of its two links.
        #expect(extra.count == 1 + 41 + 80)
        #expect(remarks.count == 1 && remarks[0].hasSuffix("in a folder that is itself linked to"))
      }
    }
  }

  /// A snapshot in the Hugging Face cache is links to blobs.
  @Test func aSnapshotOfTheHubsCacheIsWhole() throws {
    try withFolder("datasets--o--d") { repository in
      let snapshot = Folder(url: repository.url("snapshots/c0ffee"))
      let all = FileManager.default.enumerator(atPath: pusht.path)!.compactMap { $0 as? String }
        .filter { !$0.hasPrefix(".") }
      for (number, name) in all.enumerated() {
        let source = pusht.appending(path: name)
        guard try source.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true else {
          continue
        }
        let blob = repository.url("blobs/\(number)")
        try FileManager.default.createDirectory(
          at: blob.deletingLastPathComponent(), withIntermediateDirectories: true)
        try FileManager.default.copyItem(at: source, to: blob)
        let up = String(repeating: "../", count: name.split(separator: "/").count + 1)
        try link(snapshot, name, to: "\(up)blobs/\(number)")
      }
      try write(repository, "refs/main")
      try link(snapshot, "ref", to: "../../refs/main")
      try link(snapshot, "blobs", to: "../../blobs")
      try withFolder("whole") { target in
        let (extra, remarks) = try copy(snapshot, to: target)
        #expect(extra == ["README.md"])
        #expect(
          remarks == [
            "blobs, ref are left out: each is a symbolic link out of the dataset"
          ])
        let (there, here) = try (Dataset(folder: target.path), Dataset(folder: pusht.path))
        #expect(there.episodes == here.episodes)
        #expect(
          try there.sample(at: 40, cameras: there.cameras).object?["action"]
            == here.sample(at: 40, cameras: here.cameras).object?["action"])
      }
      // What the data are hashed by.
      let named = DatasetContents(snapshot.path).files
      #expect(named.contains("data/chunk-000/episode_000000.parquet") && !named.contains("ref"))
      #expect(named == DatasetContents(pusht.path).files)
    }
  }

  /// Rows and videos may lie on another disk.
  @Test func theFormatsOwnFilesMayLieElsewhere() throws {
    try withCopy(of: pusht) { folder in
      try withFolder("disk") { disk in
        try FileManager.default.createDirectory(at: disk.url, withIntermediateDirectories: true)
        for name in ["data", "videos"] {
          try FileManager.default.moveItem(at: folder.url(name), to: disk.url(name))
          try link(folder, name, to: disk.url(name).path)
        }
        try withFolder("back") { target in
          let remarks = try copy(folder, to: target).remarks
          #expect(remarks == [])
          let frames = try Dataset(folder: target.path).frameCount
          #expect(frames == 322)
        }
        #expect(DatasetContents(folder.path).files == DatasetContents(pusht.path).files)
      }
    }
  }

  /// A joined recording has every link that the dataset had, as it was.
  @Test func joiningFilesKeepsLinksAsTheyAre() throws {
    try withFolder("joined") { folder in
      let writer = try Sketch.writer(folder, .v30)
      try Sketch.record(writer, 0..<2)
      let targets = ["up": "..", "self": ".", "gone": "nowhere", "notes/passwd": "/etc/passwd"]
      for (name, target) in targets { try link(folder, name, to: target) }
      #expect(mkfifo(folder.url("pipe").path, 0o600) == 0)
      try writer.finish()
      try Sketch.check(folder, episodes: 2)
      let files = DatasetContents(folder.path).files
      #expect(files.count { $0.hasPrefix("data/") } == 1, "\(files)")
      for (name, target) in targets {
        let path = folder.url(name).path
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: path) == target)
      }
      var status = stat()
      #expect(lstat(folder.url("pipe").path, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO)
    }
  }

  /// Joined files would be written beside those that they replace.
  @Test func aLinkedFolderIsNotJoined() throws {
    try withFolder("linked") { folder in
      let writer = try Sketch.writer(folder, .v30)
      try Sketch.record(writer, 0..<2)
      try withFolder("elsewhere") { disk in
        try FileManager.default.createDirectory(at: disk.url, withIntermediateDirectories: true)
        try FileManager.default.moveItem(at: folder.url("data"), to: disk.url("data"))
        try link(folder, "data", to: disk.url("data").path)
        try writer.finish()
        try Sketch.check(folder, episodes: 2)
        let files = DatasetContents(folder.path).files
        #expect(files.count { $0.hasPrefix("data/") } == 2, "\(files)")
      }
    }
  }

  /// A pipe in the place of a file is said, not waited for.
  @Test(arguments: [
    "meta/info.json", "meta/episodes.jsonl", "meta/tasks.jsonl",
    "data/chunk-000/episode_000000.parquet",
    "videos/chunk-000/observation.image/episode_000000.mp4",
  ])
  func aPipeIsNotWaitedFor(name: String) throws {
    try withCopy(of: pusht) { folder in
      try folder.remove(name)
      #expect(mkfifo(folder.url(name).path, 0o600) == 0)
      let problems = DatasetCheck(folder: folder.path).problems.map(\.description)
      #expect(
        problems.contains {
          $0.contains((name as NSString).lastPathComponent) || $0.contains("info.json")
        })
      #expect(problems.allSatisfy { !$0.contains("\n") })
    }
  }
}
