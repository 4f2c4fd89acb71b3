import Foundation
import Platform

/// One repository's folder in the Hugging Face cache.
struct CacheRepository {
  /// The cache, such as `~/.cache/huggingface/hub`.
  let root: String
  /// The folder's name in it, such as `models--openai--clip-vit-base-patch32`.
  let folder: String

  init(root: String, name: String, kind: Hub.Kind) {
    self.root = root
    folder = "\(kind.rawValue)s--" + name.replacing("/", with: "--")
  }

  var path: String { root + "/" + folder }

  func snapshot(_ commit: String) -> String { "\(path)/snapshots/\(commit)" }

  /// Where huggingface_hub locks a blob while it is written.
  func lock(_ tag: String) -> String { "\(root)/.locks/\(folder)/\(tag).lock" }

  /// The commit that `refs/<revision>` names.
  func commit(of revision: String) -> String? {
    guard let bytes = try? readFile("\(path)/refs/\(revision)", wanted: "a commit") else {
      return nil
    }
    let commit = String(decoding: bytes, as: UTF8.self).trimmingCharacters(
      in: .whitespacesAndNewlines)
    return Hub.isPathComponent(commit) ? commit : nil
  }

  func setCommit(_ commit: String, of revision: String) throws {
    guard revision != commit, self.commit(of: revision) != commit else { return }
    let file = "\(path)/refs/\(revision)"
    try makeFolder(parentFolder(of: file))
    try AtomicFile.write(file, bytes: commit.utf8)
  }

  /// The commit whose snapshot is here for a revision; nil: `main`, else the only one there is.
  ///
  /// - Throws: ``HubError`` that says which revisions are here.
  func commit(of revision: String?, name: String) throws -> String {
    let snapshots = path + "/snapshots"
    func isHere(_ commit: String) -> Bool { Hub.existence(snapshot(commit)) == .folder }
    let wanted = revision ?? "main"
    if let commit = commit(of: wanted) {
      if isHere(commit) { return commit }
      throw HubError(
        "\(name): the cache's revision \(wanted) names commit \(commit), which is not in "
          + "\(snapshots).")
    }
    if isHere(wanted) { return wanted }
    let commits = (try? FileManager.default.contentsOfDirectory(atPath: snapshots)) ?? []
    let visible = commits.filter { !$0.hasPrefix(".") && isHere($0) }.sorted()
    if revision == nil, visible.count == 1 { return visible[0] }
    let references =
      (FileManager.default.enumerator(atPath: path + "/refs"))?
      .compactMap { $0 as? String }.filter { commit(of: $0) != nil }.sorted() ?? []
    let there = references + visible
    throw HubError(
      "\(name): revision \(wanted) is not in the cache folder \(path); "
        + (there.isEmpty ? "it has none." : "it has \(there.joined(separator: ", "))."))
  }
}

/// A file of which one process or thread at a time goes on; released with the value.
final class CacheLock {
  private let descriptor: Int32

  /// Waits until no other holds it.
  init(_ path: String) throws {
    let folder = (path as NSString).deletingLastPathComponent
    try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    while true {
      let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o664)
      guard descriptor >= 0 else { throw PartialFile.error(path) }
      // Where the file system has no locks, the hash still keeps what is wrong from its name.
      while flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK || errno == EINTR {
        if Interruption.isAsked { close(descriptor) }
        try Interruption.check()
        usleep(20_000)
      }
      var held = stat()
      var named = stat()
      if fstat(descriptor, &held) == 0, stat(path, &named) == 0, held.st_ino == named.st_ino {
        self.descriptor = descriptor
        return
      }
      close(descriptor)  // who held it deleted it
    }
  }

  deinit { close(descriptor) }
}
