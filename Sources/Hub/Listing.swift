import Foundation
import Platform

/// The files of one commit, as `huggingface_hub` keeps them in `trees/<commit>.json`: a commit never
/// changes, so what it lists says for ever whether a snapshot is whole.
struct Listing: Codable {
  struct File: Codable {
    var size: Int?
    /// The git object's name: SHA-1 of `blob <size>`, a zero byte and the bytes. Of a large file it is
    /// the pointer's.
    var gitSHA1: String?
    /// Of a large file.
    var sha256: String?
    var largeSize: Int?

    enum CodingKeys: String, CodingKey {
      case size
      case gitSHA1 = "blob_id"
      case sha256 = "lfs_sha256"
      case largeSize = "lfs_size"
    }

    /// The entity tag, which is the blob's name in the cache.
    var tag: String? { sha256 ?? gitSHA1 }
    var byteCount: Int? { largeSize ?? size }
  }

  var version = 1
  var files: [String: File]

  enum CodingKeys: String, CodingKey {
    case version = "format_version"
    case files
  }

  init(files: [String: File]) { self.files = files }

  /// The most bytes that are believed: sums stay far from overflowing.
  static let mostBytes = 1 << 53

  /// What the sizes say that cannot be; nil where nothing.
  var fault: String? {
    var total = 0.0
    for (name, file) in files.sorted(by: { $0.key < $1.key }) {
      if let size = [file.size, file.largeSize].compactMap({ $0 }).first(where: { $0 < 0 }) {
        return "\(excerpt(name).debugDescription) has \(size) bytes"
      }
      total += Double(file.byteCount ?? 0)
    }
    return total < Double(Self.mostBytes)
      ? nil : String(format: "its files have %.4g bytes", total)
  }

  /// Reads what this program or `huggingface_hub` left; nil where neither did.
  ///
  /// This program's own lie in a folder of their own: those of `huggingface_hub` promise its
  /// `snapshot_download` every file, also those that were not chosen here.
  init?(repository: String, commit: String) {
    for folder in ["trees", ".recap"] {
      guard
        let data = FileManager.default.contents(atPath: "\(repository)/\(folder)/\(commit).json"),
        let listing = try? JSONDecoder().decode(Listing.self, from: data), listing.version == 1,
        listing.fault == nil
      else { continue }
      self = listing
      return
    }
    return nil
  }

  func write(repository: String, commit: String) throws {
    let folder = repository + "/.recap"
    try makeFolder(folder)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try AtomicFile.write("\(folder)/\(commit).json", bytes: encoder.encode(self))
  }

  /// Those of `names` that a snapshot lacks, or whose link leads to nothing or to another size.
  func missing(_ names: [String], in snapshot: String) -> [String] {
    names.filter { !Self.isThere($0, byteCount: files[$0]?.byteCount, in: snapshot) }
  }

  static func isThere(_ name: String, byteCount: Int?, in snapshot: String) -> Bool {
    guard let found = byteCountOfFile(snapshot + "/" + name) else { return false }
    return byteCount == nil || byteCount == found
  }

  /// nil where there is no file; links are followed.
  static func byteCountOfFile(_ path: String) -> Int? {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return Int(status.st_size)
  }

  /// A name that a server gave must stay inside the folder.
  static func isSafe(_ name: String) -> Bool {
    !name.isEmpty && !name.utf8.contains(0)
      && name.split(separator: "/", omittingEmptySubsequences: false).allSatisfy {
        !$0.isEmpty && $0 != "." && $0 != ".."
      }
  }
}
