import Foundation

/// Brings one file of a commit into a repository's folder of the cache, as `huggingface_hub` lays it
/// out: the bytes in `blobs/<tag>`, a link to them in `snapshots/<commit>/<file>`.
///
/// A blob grows in `blobs/<tag>.incomplete`, where a later attempt, also by another process, goes on.
/// It gets its name when its size and hash are right and it is on the disk.
struct BlobDownload {
  let server: HubServer
  let repository: CacheRepository
  let commit: String
  /// Told of bytes that came, or, as a negative number, that were thrown away.
  let advance: (Int) -> Void
  let isStopped: () -> Bool

  /// What another worker's error ends the rest with.
  struct Stopped: Error {}

  func run(_ file: String, _ listed: Listing.File) throws {
    let link = "\(repository.snapshot(commit))/\(file)"
    var (tag, byteCount) = (listed.tag, listed.byteCount)
    if tag == nil {
      let found = try server.file(file, commit: commit)
      (tag, byteCount) = (found.tag, byteCount ?? found.byteCount)
    }
    guard let tag, Hub.isPathComponent(tag), !tag.hasPrefix("."), !tag.hasSuffix(".incomplete")
    else { throw HubError("the server's tag of it, \((tag ?? "").debugDescription), is no hash.") }

    let blob = "\(repository.path)/blobs/\(tag)"
    try Self.makeFolder(of: blob)
    try Self.makeFolder(of: link)
    let lock = try CacheLock(repository.lock(tag))
    try withExtendedLifetime(lock) {
      if let there = Listing.byteCountOfFile(blob), byteCount ?? there == there {
        advance(there)
      } else {
        try download(file, to: blob, hash: BlobHash(tag: tag), byteCount: byteCount)
      }
      try Self.link(link, to: blob, up: file.split(separator: "/").count + 1)
    }
  }

  private func download(
    _ file: String, to blob: String, hash: BlobHash?, byteCount: Int?
  ) throws {
    let part = try PartialFile(blob + ".incomplete")
    advance(part.byteCount)
    var retry = Retry(server.settings, connectsAgain: true)
    var mismatches = 0
    while true {
      if let byteCount, part.byteCount > byteCount { try restart(part) }
      do {
        if byteCount == nil || part.byteCount < byteCount! {
          try receive(file, part, byteCount: byteCount, retry: &retry)
        }
      } catch let error as HTTPFailure {
        if case .status(let answer) = error, answer.status == 416, part.byteCount > 0 {
          try restart(part)
        } else {
          try retry.pause(after: error, isStopped: isStopped)
        }
        if isStopped() { throw Stopped() }
        continue
      }
      let problem: String
      if let byteCount, part.byteCount != byteCount {
        problem = "\(part.byteCount) bytes came, the hub says it has \(byteCount)"
      } else if let hash, try hash.value(of: part) != hash.wanted {
        problem = "the bytes that came are not those the hub has a hash of (\(hash.wanted))"
      } else {
        try part.finish(as: blob)
        return
      }
      mismatches += 1
      try restart(part)
      guard mismatches < 2 else {
        try? FileManager.default.removeItem(atPath: part.path)
        throw HubError(
          "\(problem), twice over; they were deleted. Try again later, or look at the proxy between."
        )
      }
    }
  }

  private func restart(_ part: PartialFile) throws {
    advance(-part.byteCount)
    try part.truncate()
  }

  private func receive(
    _ file: String, _ part: PartialFile, byteCount: Int?, retry: inout Retry
  ) throws {
    let offset = part.byteCount
    var isFirst = true
    var hasProgress = false
    defer { if hasProgress { retry.madeProgress() } }
    _ = try server.client.get(server.address(of: file, commit: commit), from: offset) {
      answer, bytes in
      if isFirst {
        isFirst = false
        // A server that cannot go on from where it was sends all of it.
        let goesOn =
          answer.status == 206
          && answer.headers["content-range"]?.hasPrefix("bytes \(offset)-") ?? true
        if offset > 0, !goesOn {
          try restart(part)
          if answer.status == 206 {
            throw HTTPFailure.dropped("another range came than was wanted")
          }
        }
      }
      if isStopped() { throw Stopped() }
      if let byteCount, part.byteCount + bytes.count > byteCount {
        try restart(part)
        throw HubError("the server sends more than the \(byteCount) bytes that it has.")
      }
      try part.append(bytes)
      advance(bytes.count)
      hasProgress = true
    }
  }

  private static func makeFolder(of path: String) throws {
    let folder = (path as NSString).deletingLastPathComponent
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw HubError(
        "\(folder) cannot be made; set HF_HOME to a folder that can be written to.")
    }
  }

  /// Makes a relative link, so that the cache can be moved; it replaces one that leads elsewhere.
  private static func link(_ link: String, to blob: String, up levels: Int) throws {
    let target =
      String(repeating: "../", count: levels) + "blobs/" + (blob as NSString).lastPathComponent
    let temporary = link + ".\(UUID().uuidString).link"
    guard symlink(target, temporary) == 0 else {
      // A file system without links: the file itself, as huggingface_hub does it.
      if [EPERM, EOPNOTSUPP, ENOSYS].contains(errno), rename(blob, link) == 0 { return }
      throw PartialFile.error(link)
    }
    guard rename(temporary, link) == 0 else {
      let error = PartialFile.error(link)
      unlink(temporary)
      throw error
    }
  }
}
