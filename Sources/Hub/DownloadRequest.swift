import Foundation
import Platform
import Synchronization

/// A model or dataset that is wanted, by its hub name.
struct DownloadRequest {
  let name: String
  let kind: Hub.Kind
  let including: ((String) -> Bool)?
  let settings: HubSettings
  let report: @Sendable (HubProgress) -> Void

  /// Where the cache holds it, in whichever spelling of its name.
  var cachedRepository: CacheRepository? {
    for spelling in ModelAlias.spellings(of: name, kind: kind) {
      for root in settings.cache.hubRoots(kind: kind) {
        let repository = CacheRepository(root: root, name: spelling, kind: kind)
        if Hub.existence(repository.path) == .folder { return repository }
      }
    }
    return nil
  }

  var newRepository: CacheRepository {
    CacheRepository(root: settings.cache.hub, name: name, kind: kind)
  }

  /// Folders that were looked through.
  var places: String {
    ((kind == .dataset ? settings.cache.lerobotRoots : [])
      + settings.cache.hubRoots(kind: kind)).joined(separator: ", ")
  }

  /// - Throws: ``HubError`` where the environment forbids the network, or the hub has no such names.
  func requireNetwork(_ problem: String, revision: String?) throws {
    let title = "\(kind.rawValue.capitalized) \(name)"
    if let variable = settings.offlineBy {
      let download =
        "recap download \(name)" + (kind == .dataset ? " --dataset" : "")
        + (revision.map { " --revision \($0)" } ?? "")
      throw HubError(
        "\(title) \(problem), and \(variable) is set, so that nothing is downloaded. Unset it, "
          + "or run `\(download)` where there is a network (set HF_HOME to where you copy the "
          + "cache), or give a folder's path.")
    }
    guard kind == .model || name.contains("/") else {
      throw HubError("\(title) \(problem); on the hub a dataset is named ORG/NAME.")
    }
  }

  /// Downloads a revision, and then has it named in the cache.
  func run(revision: String, in repository: CacheRepository) throws -> URL {
    let server = HubServer(
      settings: settings, client: HTTPClient(settings), name: name, kind: kind)
    let (commit, names) = try explained { try server.commit(of: revision) }
    let listing = try explained {
      try Listing(repository: repository.path, commit: commit)
        ?? server.listing(of: commit, names: names)
    }
    try download(listing, commit: commit, in: repository)
    try explained { try repository.setCommit(commit, of: revision) }
    return URL(fileURLWithPath: repository.snapshot(commit), isDirectory: true)
  }

  /// Returns a snapshot that is in the cache, after downloading what it lacks.
  func complete(commit: String, in repository: CacheRepository) throws -> URL {
    let folder = URL(fileURLWithPath: repository.snapshot(commit), isDirectory: true)
    if let listing = Listing(repository: repository.path, commit: commit) {
      let wanted = try chosen(from: listing)
      let missing = listing.missing(wanted, in: folder.path)
      if missing.isEmpty { return folder }
      let shown = missing.sorted().prefix(3).joined(separator: ", ")
      try requireNetwork(
        "is in the cache but not whole: \(missing.count) of \(wanted.count) files are missing "
          + "(\(shown)\(missing.count > 3 ? ", ..." : "")) in \(folder.path)",
        revision: commit)
      try download(listing, commit: commit, in: repository)
      return folder
    }
    if kind == .model, including == nil, ModelFiles.looksWhole(folder) { return folder }
    guard settings.offlineBy == nil, let listing = try unkept(commit: commit) else { return folder }
    try download(listing, commit: commit, in: repository)
    return folder
  }

  /// Endpoints that gave no answer: they are not asked for what could be done without.
  private static let silent = Mutex<Set<String>>([])

  /// What the server lists of a commit; nil where it does not answer.
  private func unkept(commit: String) throws -> Listing? {
    guard !Self.silent.withLock({ $0.contains(settings.endpoint) }) else { return nil }
    let server = HubServer(
      settings: settings, client: HTTPClient(settings), name: name, kind: kind)
    do {
      let names = try server.commit(of: commit).names
      return try server.listing(of: commit, names: names)
    } catch let interrupted as Interrupted {
      throw interrupted
    } catch {
      if case HTTPFailure.unreachable = error {
        Self.silent.withLock { _ = $0.insert(settings.endpoint) }
      }
      return nil
    }
  }

  private func chosen(from listing: Listing) throws -> [String] {
    let names = listing.files.keys.sorted()
    let chosen =
      if let including { names.filter(including) } else if kind == .model {
        try ModelFiles.chosen(from: names, of: name)
      } else { names }
    guard !chosen.isEmpty else {
      throw HubError("\(name): of its \(names.count) files on the hub none is wanted.")
    }
    return chosen
  }

  private func download(_ listing: Listing, commit: String, in repository: CacheRepository) throws {
    let wanted = try chosen(from: listing)
    try explained {
      try listing.write(repository: repository.path, commit: commit)
    }
    let missing = listing.missing(wanted, in: repository.snapshot(commit))
    guard !missing.isEmpty else { return }
    try SnapshotDownload(
      settings: settings, repository: repository, name: name, kind: kind, commit: commit,
      files: missing.map { ($0, listing.files[$0]!) }
    ).run(report: report)
  }

  private func explained<Value>(_ body: () throws -> Value) throws -> Value {
    do { return try body() } catch let interrupted as Interrupted { throw interrupted } catch {
      throw Hub.explain(error, name: name, kind: kind, file: nil, settings: settings)
    }
  }
}
