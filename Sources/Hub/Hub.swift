public import Foundation
internal import Platform
import Synchronization

/// Finds the folder of a model or dataset: a path as it is, a name in the Hugging Face cache, or a
/// name on the hub, from where it is downloaded into that cache.
///
/// The cache's layout is that of the `huggingface_hub` package, which uses what is downloaded here and
/// the other way round: `models--org--name/refs/<revision>` holds a commit, and `snapshots/<commit>`
/// the files, as links to `blobs/`.
public enum Hub {
  /// What a name stands for: it decides where in the cache to look.
  public enum Kind: String, Sendable {
    case model, dataset
  }

  /// Returns the folder that `name` stands for, after downloading what the cache lacks of it.
  ///
  /// What is in the cache is used without asking the server whether there is something newer:
  /// ``download(_:kind:revision:including:)`` does that. A snapshot is known to be whole by the list
  /// of its commit's files, which was kept when it was downloaded; where there is none, a model is
  /// judged by its files, and for a dataset the server is asked for the list, once. A server that
  /// does not answer then is no error: the snapshot is used as it is.
  ///
  /// - Parameters:
  ///   - name: A folder (absolute, relative or beginning with `~`), else a hub name such as
  ///     `openai/clip-vit-base-patch32` or `bert-base-uncased`.
  ///   - revision: A branch, tag or commit. When nil: `main`, else the only revision in the cache.
  ///   - including: Which of the repository's files are wanted; nil: of a model its configuration,
  ///     tokenizer, processor and weights, of a dataset every file.
  /// - Throws: ``HubError`` that says where it looked and how to get the files.
  public static func folder(
    for name: String, kind: Kind = .model, revision: String? = nil,
    including: ((String) -> Bool)? = nil
  ) throws -> URL {
    try folder(
      for: name, kind: kind, revision: revision, including: including,
      settings: HubSettings(environment: ProcessInfo.processInfo.environment),
      report: observer.withLock { $0 })
  }

  /// Downloads the newest commit of a model's or dataset's revision, as far as it is not in the cache;
  /// without a network by the environment's wish, it is as ``folder(for:kind:revision:including:)``.
  ///
  /// - Parameters: as of ``folder(for:kind:revision:including:)``; `name` is a hub name.
  /// - Throws: ``HubError`` when the server cannot be reached, does not give the files or gives wrong
  ///   bytes; what came whole stays, and the next attempt goes on from there.
  @discardableResult
  public static func download(
    _ name: String, kind: Kind = .model, revision: String? = nil,
    including: ((String) -> Bool)? = nil
  ) throws -> URL {
    try download(
      name, kind: kind, revision: revision, including: including,
      settings: HubSettings(environment: ProcessInfo.processInfo.environment),
      report: observer.withLock { $0 })
  }

  /// Has downloads tell `observer` how far they are: at most ten times a second, from any thread.
  public static func reportProgress(to observer: @escaping @Sendable (HubProgress) -> Void) {
    self.observer.withLock { $0 = observer }
  }

  private static let observer = Mutex<@Sendable (HubProgress) -> Void>({ _ in })

  package static func folder(
    for name: String, kind: Kind, revision: String? = nil, including: ((String) -> Bool)? = nil,
    settings: HubSettings, report: @escaping @Sendable (HubProgress) -> Void = { _ in }
  ) throws -> URL {
    if let folder = try localFolder(name, kind: kind, revision: revision, cache: settings.cache) {
      return folder
    }
    let request = DownloadRequest(
      name: name, kind: kind, including: including, settings: settings, report: report)
    guard let repository = request.cachedRepository else {
      try request.requireNetwork(
        "is neither a folder here nor in \(request.places)", revision: revision)
      return try request.run(revision: revision ?? "main", in: request.newRepository)
    }
    let commit: String
    do { commit = try repository.commit(of: revision, name: name) } catch {
      if let variable = settings.offlineBy {
        throw HubError("\(error) Nothing is downloaded, since \(variable) is set.")
      }
      do { return try request.run(revision: revision ?? "main", in: repository) } catch let later
        where !(later is Interrupted)
      {
        throw HubError("\(error) \(later)")
      }
    }
    return try request.complete(commit: commit, in: repository)
  }

  package static func download(
    _ name: String, kind: Kind, revision: String? = nil, including: ((String) -> Bool)? = nil,
    settings: HubSettings, report: @escaping @Sendable (HubProgress) -> Void = { _ in }
  ) throws -> URL {
    guard isHubName(name) else { throw HubError("\(name) is not a hub name (ORG/NAME).") }
    if settings.offlineBy != nil {
      return try folder(
        for: name, kind: kind, revision: revision, including: including, settings: settings)
    }
    try checkRevision(revision, name: name)
    let request = DownloadRequest(
      name: name, kind: kind, including: including, settings: settings, report: report)
    try request.requireNetwork("is not a folder", revision: revision)
    return try request.run(
      revision: revision ?? "main", in: request.cachedRepository ?? request.newRepository)
  }

  /// A folder that is not the hub's cache's; nil: `name` is a hub name.
  private static func localFolder(
    _ name: String, kind: Kind, revision: String?, cache: CacheLocations
  ) throws -> URL? {
    guard !name.isEmpty else { throw HubError("The \(kind.rawValue)'s name is empty.") }
    let path = cache.expandingTilde(name)
    switch existence(path) {
    case .folder: return URL(fileURLWithPath: path, isDirectory: true)
    case .file: throw HubError("\(name) is a file; a \(kind.rawValue) is a folder.")
    case .nothing: break
    }
    guard isHubName(name) else {
      throw HubError(
        "\(name): there is no such folder, and it is not a hub name (ORG/NAME) either.")
    }
    try checkRevision(revision, name: name)
    if kind == .dataset && revision == nil {
      for root in cache.lerobotRoots {
        let folder = root + "/" + name
        if existence(folder) == .folder { return URL(fileURLWithPath: folder, isDirectory: true) }
      }
    }
    return nil
  }

  private static func checkRevision(_ revision: String?, name: String) throws {
    guard let revision else { return }
    guard
      revision.split(separator: "/", omittingEmptySubsequences: false).allSatisfy(isPathComponent)
    else { throw HubError("\(name): \(revision) is not a revision's name.") }
  }

  /// `NAME` or `ORG/NAME` of letters, digits, `-`, `_` and `.`.
  private static func isHubName(_ name: String) -> Bool {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    return parts.count <= 2
      && parts.allSatisfy { part in
        isPathComponent(part)
          && part.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
              UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
              UInt8(ascii: "."):
              true
            default: false
            }
          }
      }
  }

  static func isPathComponent(_ text: some StringProtocol) -> Bool {
    !text.isEmpty && text != "." && text != ".." && !text.contains("/") && !text.contains("\0")
  }

  enum Existence { case file, folder, nothing }

  static func existence(_ path: String) -> Existence {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      return .nothing
    }
    return isFolder.boolValue ? .folder : .file
  }
}
