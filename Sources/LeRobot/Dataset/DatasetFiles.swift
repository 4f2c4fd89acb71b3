/// Where a dataset's files lie: where its templates say, else in the layouts that recorders write.
struct DatasetFiles {
  let folder: String
  let info: DatasetInfo
  let chunkID: String?

  private func chunk(_ episode: Int) -> Int { episode / info.chunkSize }

  // MARK: One file an episode (v2.0, v2.1)

  func expectedData(_ episode: Int) -> String {
    "\(folder)/\(info.dataPath.path(episode: episode, chunk: chunk(episode)) ?? info.dataPath.text)"
  }

  func expectedVideo(_ episode: Int, camera: String) -> String {
    let path = info.videoPath.path(episode: episode, chunk: chunk(episode), camera: camera)
    return "\(folder)/\(path ?? info.videoPath.text)"
  }

  func data(_ episode: Int) -> String? {
    let expected = info.dataPath.path(episode: episode, chunk: chunk(episode))
    return find(expected, in: ["data/*"], stems: stems(episode), suffixes: [".parquet"])
  }

  func video(_ episode: Int, camera: String) -> String? {
    guard staysInside(camera) else { return nil }
    let expected = info.videoPath.path(episode: episode, chunk: chunk(episode), camera: camera)
    return find(
      expected, in: ["videos/*/\(camera)", "videos/\(camera)/*", "videos/\(camera)"],
      stems: stems(episode), suffixes: DatasetFiles.videoSuffixes, anyChunk: true)
  }

  private func stems(_ episode: Int) -> [String] {
    ["episode_\(padded(episode, 6))", "file-\(padded(episode, 3))"]
  }

  // MARK: Many episodes a file (v3.0)

  func expectedData(_ file: FileNumber) -> String {
    let path = info.dataPath.path(chunk: Int(file.chunk), file: Int(file.file))
    return "\(folder)/\(path ?? info.dataPath.text)"
  }

  func expectedVideo(_ file: FileNumber, camera: String) -> String {
    let path = info.videoPath.path(chunk: Int(file.chunk), file: Int(file.file), camera: camera)
    return "\(folder)/\(path ?? info.videoPath.text)"
  }

  func data(_ file: FileNumber) -> String? {
    find(
      info.dataPath.path(chunk: Int(file.chunk), file: Int(file.file)),
      in: ["data/chunk-\(padded(Int(file.chunk), 3))"], stems: stems(file), suffixes: [".parquet"])
  }

  func video(_ file: FileNumber, camera: String) -> String? {
    guard staysInside(camera) else { return nil }
    let chunk = "chunk-\(padded(Int(file.chunk), 3))"
    return find(
      info.videoPath.path(chunk: Int(file.chunk), file: Int(file.file), camera: camera),
      in: ["videos/\(camera)/\(chunk)", "videos/\(chunk)/\(camera)"], stems: stems(file),
      suffixes: DatasetFiles.videoSuffixes, anyChunk: true)
  }

  private func stems(_ file: FileNumber) -> [String] { ["file-\(padded(Int(file.file), 3))"] }

  // MARK: Looking

  private static let videoSuffixes = [".mp4", ".mkv", ".avi", ".mov", ".webm"]

  private func padded(_ number: Int, _ width: Int) -> String {
    String(repeating: "0", count: max(0, width - String(number).count)) + String(number)
  }

  /// The expected path when it is there, else the first file of these names in these folders; within the chosen
  /// chunk alone when there is one.
  ///
  /// - Parameter anyChunk: of videos, whose chunks are others than those of the rows.
  private func find(
    _ expected: String?, in patterns: [String], stems: [String], suffixes: [String],
    anyChunk: Bool = false
  ) -> String? {
    func isInChunk(_ path: String) -> Bool { anyChunk || self.isInChunk(path) }
    if let expected, isInChunk(expected), fileSize("\(folder)/\(expected)") != nil {
      return "\(folder)/\(expected)"
    }
    for stem in stems {
      for pattern in patterns {
        for directory in expand(pattern) where isInChunk(directory) {
          for suffix in suffixes where fileSize("\(folder)/\(directory)/\(stem)\(suffix)") != nil {
            return "\(folder)/\(directory)/\(stem)\(suffix)"
          }
        }
      }
    }
    return nil
  }

  /// Whether a path, relative to the dataset, lies in the chosen chunk.
  func isInChunk(_ path: String) -> Bool {
    guard let chunkID else { return true }
    return path.split(separator: "/").contains(Substring(chunkID))
  }

  /// The folders that a pattern with at most one "*" stands for.
  private func expand(_ pattern: String) -> [String] {
    guard let star = pattern.firstIndex(of: "*") else { return [pattern] }
    let parent = pattern[..<star].dropLast()
    let rest = pattern[pattern.index(after: star)...]
    return names(in: "\(folder)/\(parent)").map { "\(parent)/\($0)\(rest)" }
  }
}
