/// Where a dataset's files lie: where its templates say, else in the layouts that recorders write.
struct DatasetFiles {
  let folder: String
  let info: DatasetInfo
  let chunkID: String?

  func expectedData(_ episode: Int) -> String {
    let chunk = episode / info.chunkSize
    return "\(folder)/\(info.dataPath.path(episode: episode, chunk: chunk) ?? info.dataPath.text)"
  }

  func expectedVideo(_ episode: Int, camera: String) -> String {
    let path = info.videoPath.path(
      episode: episode, chunk: episode / info.chunkSize, camera: camera)
    return "\(folder)/\(path ?? info.videoPath.text)"
  }

  func data(_ episode: Int) -> String? {
    let expected = info.dataPath.path(episode: episode, chunk: episode / info.chunkSize)
    return find(expected, in: ["data/*"], stems: stems(episode), suffixes: [".parquet"])
  }

  func video(_ episode: Int, camera: String) -> String? {
    guard staysInside(camera) else { return nil }
    let expected = info.videoPath.path(
      episode: episode, chunk: episode / info.chunkSize, camera: camera)
    return find(
      expected, in: ["videos/*/\(camera)", "videos/\(camera)/*", "videos/\(camera)"],
      stems: stems(episode), suffixes: [".mp4", ".mkv", ".avi", ".mov", ".webm"])
  }

  private func stems(_ episode: Int) -> [String] {
    func padded(_ width: Int) -> String {
      String(repeating: "0", count: max(0, width - String(episode).count)) + String(episode)
    }
    return ["episode_\(padded(6))", "file-\(padded(3))"]
  }

  /// The expected path when it is there, else the first file of these names in these folders;
  /// within the chosen chunk alone when there is one.
  private func find(
    _ expected: String?, in patterns: [String], stems: [String], suffixes: [String]
  ) -> String? {
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

  private func isInChunk(_ path: String) -> Bool {
    guard let chunkID else { return true }
    return path.split(separator: "/").contains(Substring(chunkID))
  }

  /// The folders that a pattern with one "*" stands for.
  private func expand(_ pattern: String) -> [String] {
    guard let star = pattern.firstIndex(of: "*") else { return [pattern] }
    let parent = pattern[..<star].dropLast()
    let rest = pattern[pattern.index(after: star)...]
    return names(in: "\(folder)/\(parent)").map { "\(parent)/\($0)\(rest)" }
  }
}
