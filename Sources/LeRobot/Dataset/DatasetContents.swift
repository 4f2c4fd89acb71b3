import Foundation
import Platform

/// The files below a dataset's folder, but for those whose names, or whose folders' names, begin with
/// a dot.
///
/// A symbolic link is followed where it leads to what is the dataset's: to a file or folder in it, or,
/// from a snapshot in the Hugging Face cache, to one of the repository's blobs. Files of rows, videos and
/// the format's metadata, and the folders `data`, `videos`, `images` and `meta`, may lie anywhere, since
/// whoever put a link in their place meant them. No other link is followed, none in a circle, and no
/// pipe, socket or device is a file.
package struct DatasetContents {
  /// Relative to the folder, sorted.
  package private(set) var files: [String] = []
  private var leftOut: [Reason: [String]] = [:]
  private let folder: String
  /// Where links may lead: folders by their real paths, each with a slash at its end.
  private let own: String
  private let blobs: String?

  /// Why something is left out.
  private enum Reason: String, CaseIterable {
    case out = "a symbolic link out of the dataset"
    case circle = "a symbolic link in a circle"
    case nested = "a symbolic link in a folder that is itself linked to"
    case nothing = "a symbolic link to nothing"
    case special = "no plain file (a pipe, a socket or a device)"
  }

  /// What the format names, below the folder.
  static let formatPaths: Set = [
    "data", "videos", "images", "meta/info.json", "meta/stats.json", "meta/episodes",
    "meta/episodes.jsonl", "meta/episodes_stats.jsonl", "meta/tasks.jsonl", "meta/tasks.parquet",
  ]

  package init(_ folder: String) {
    self.folder = folder
    let real = DatasetContents.realPath(folder) ?? folder
    own = real + "/"
    let parts = real.split(separator: "/")
    let isSnapshot = parts.count > 2 && parts[parts.count - 2] == "snapshots"
    blobs = isSnapshot ? "/" + parts.dropLast(2).joined(separator: "/") + "/blobs/" : nil
    walk("", above: [], isLinked: false)
    files.sort()
  }

  /// What was left out and why, one line a reason.
  package var remarks: [String] {
    Reason.allCases.compactMap { reason in
      leftOut[reason].map { paths in
        paths.count == 1
          ? "\(folder): \(list(paths)) is left out: it is \(reason.rawValue)"
          : "\(folder): \(list(paths.sorted())) are left out: each is \(reason.rawValue)"
      }
    }
  }

  /// - Parameters:
  ///   - above: the folders on the way to this one, this one not included.
  ///   - isLinked: whether one of them is a link.
  private mutating func walk(_ path: String, above: [FileIdentity], isLinked: Bool) {
    let place = path.isEmpty ? folder : "\(folder)/\(path)"
    guard let here = FileIdentity(place) else { return }
    for name in names(in: place) where !name.hasPrefix(".") {
      let path = path.isEmpty ? name : "\(path)/\(name)"
      take(path, above: above + [here], isLinked: isLinked)
    }
  }

  private mutating func take(_ path: String, above: [FileIdentity], isLinked: Bool) {
    let place = "\(folder)/\(path)"
    var status = stat()
    guard lstat(place, &status) == 0 else { return }
    let isLink = status.st_mode & S_IFMT == S_IFLNK
    if isLink, stat(place, &status) != 0 {
      let reason: Reason = errno == ELOOP ? .circle : .nothing
      leftOut[reason, default: []].append(path)
      return
    }
    let kind = status.st_mode & S_IFMT
    var reason: Reason?
    if kind != S_IFREG && kind != S_IFDIR {
      reason = .special
    } else if isLink, !belongs(path, isFolder: kind == S_IFDIR) {
      reason = .out
    } else if isLink, kind == S_IFDIR {
      if above.contains(FileIdentity(status)) {
        reason = .circle
      } else if isLinked {
        reason = .nested
      }
    }
    if let reason {
      leftOut[reason, default: []].append(path)
    } else if kind == S_IFREG {
      files.append(path)
    } else {
      walk(path, above: above, isLinked: isLinked || isLink)
    }
  }

  /// Whether what a link leads to is the dataset's.
  private func belongs(_ path: String, isFolder: Bool) -> Bool {
    let isOfFormat = DatasetContents.formatPaths.contains {
      $0 == path || $0.hasPrefix(path + "/") || !isFolder && path.hasPrefix($0 + "/")
    }
    guard !isOfFormat, let real = DatasetContents.realPath("\(folder)/\(path)") else {
      return isOfFormat
    }
    return (real + "/").hasPrefix(own) || !isFolder && blobs.map(real.hasPrefix) == true
  }

  private static func realPath(_ path: String) -> String? {
    guard let real = realpath(path, nil) else { return nil }
    defer { free(real) }
    return String(cString: real)
  }
}

/// What tells one file or folder from all others, whatever leads to it.
private struct FileIdentity: Equatable {
  let device: UInt64
  let number: UInt64

  init(_ status: stat) {
    (device, number) = (UInt64(status.st_dev), UInt64(status.st_ino))
  }

  init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    self.init(status)
  }
}
