/// The versions of LeRobot's format that are written.
public enum DatasetVersion: String, Sendable, CaseIterable {
  /// One file an episode and camera; LeRobot 0.3.
  case v21 = "v2.1"
  /// Many episodes a file; LeRobot 0.4 and later.
  case v30 = "v3.0"

  package var dataPath: String {
    switch self {
    case .v21: "data/chunk-{episode_chunk:03d}/episode_{episode_index:06d}.parquet"
    case .v30: "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"
    }
  }

  package var videoPath: String {
    switch self {
    case .v21: "videos/chunk-{episode_chunk:03d}/{video_key}/episode_{episode_index:06d}.mp4"
    case .v30: "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4"
    }
  }
}

extension FileNumber {
  /// The file of a running number, with `chunkSize` files in a chunk.
  init(_ number: Int, chunkSize: Int) {
    self.init(chunk: Int32(number / chunkSize), file: Int32(number % chunkSize))
  }

  /// "chunk-000/file-000".
  var path: String {
    "chunk-\(padded(Int(chunk), to: 3))/file-\(padded(Int(file), to: 3))"
  }

  /// From a path that ends in "chunk-000/file-000.parquet"; nil for another.
  init?(path: String) {
    let parts = path.split(separator: "/").suffix(2).map { part in
      part.prefix { $0 != "." }.split(separator: "-")
    }
    guard parts.count == 2, parts[0].first == "chunk", parts[1].first == "file",
      let chunk = parts[0].last.flatMap({ Int32($0) }),
      let file = parts[1].last.flatMap({ Int32($0) })
    else { return nil }
    self.init(chunk: chunk, file: file)
  }

  /// The running number.
  func number(chunkSize: Int) -> Int { Int(chunk) * chunkSize + Int(file) }
}

/// A number with zeros before it.
func padded(_ number: Int, to width: Int) -> String {
  String(repeating: "0", count: max(0, width - String(number).count)) + String(number)
}
