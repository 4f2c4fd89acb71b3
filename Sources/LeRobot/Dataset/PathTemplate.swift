import Foundation

/// A path with Python's replacement fields: "data/chunk-{episode_chunk:03d}/….parquet".
package struct PathTemplate: Sendable, Equatable {
  package let text: String

  package init(_ text: String) { self.text = text }

  /// The path of an episode's file, relative to the dataset; nil when the template has a field that
  /// is unknown or leads out of the dataset's folder.
  ///
  /// - Parameter file: the file's number in its chunk where several episodes share a file; else the
  ///   episode's.
  package func path(
    episode: Int = 0, chunk: Int, file: Int? = nil, camera: String = ""
  ) -> String? {
    var result = ""
    var rest = text[...]
    while let open = rest.firstIndex(of: "{") {
      guard let close = rest[open...].firstIndex(of: "}") else { return nil }
      result += rest[..<open]
      let parts = rest[rest.index(after: open)..<close].split(
        separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      rest = rest[rest.index(after: close)...]
      switch parts.first {
      case "video_key", "camera_key", "image_key": result += camera
      case "episode_chunk", "chunk_index", "chunk": result += padded(chunk, parts)
      case "file_index": result += padded(file ?? episode, parts)
      case "episode_index", "episode": result += padded(episode, parts)
      default: return nil
      }
    }
    result += rest
    return staysInside(result) ? result : nil
  }

  /// Python's "03d": the number with zeros before it up to a width of 3.
  private func padded(_ number: Int, _ field: [Substring]) -> String {
    let width = field.count > 1 ? Int(field[1].filter(\.isNumber)) ?? 0 : 0
    let digits = String(number)
    return String(repeating: "0", count: max(0, min(width, 64) - digits.count)) + digits
  }
}

/// Whether a relative path stays inside the folder it starts from.
func staysInside(_ path: String) -> Bool {
  !path.isEmpty && !path.hasPrefix("/") && !path.contains("\0")
    && !path.split(separator: "/").contains("..")
}
