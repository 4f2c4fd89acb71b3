public import Foundation

/// Finds the folder of a model or dataset: a path as it is, or a name in the Hugging Face cache.
///
/// The cache's layout is that of the `huggingface_hub` package: `models--org--name/refs/<revision>`
/// holds a commit, and `snapshots/<commit>` the files.
public enum Hub {
  /// What a name stands for: it decides where in the cache to look.
  public enum Kind: String, Sendable {
    case model, dataset
  }

  /// Returns the folder that `name` stands for.
  ///
  /// - Parameters:
  ///   - name: A folder (absolute, relative or beginning with `~`), else a hub name such as
  ///     `openai/clip-vit-base-patch32` or `bert-base-uncased`.
  ///   - revision: A branch, tag or commit. When nil: `main`, else the only revision in the cache.
  /// - Throws: ``HubError`` that says where it looked and how to get the files.
  public static func folder(
    for name: String, kind: Kind = .model, revision: String? = nil
  ) throws -> URL {
    try folder(
      for: name, kind: kind, revision: revision,
      cache: CacheLocations(environment: ProcessInfo.processInfo.environment))
  }

  package static func folder(
    for name: String, kind: Kind, revision: String?, cache: CacheLocations
  ) throws -> URL {
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

    let spellings = ModelAlias.spellings(of: name, kind: kind)
    if kind == .dataset && revision == nil {
      for root in cache.lerobotRoots {
        let folder = root + "/" + name
        if existence(folder) == .folder { return URL(fileURLWithPath: folder, isDirectory: true) }
      }
    }
    let roots = cache.hubRoots(kind: kind)
    for spelling in spellings {
      for root in roots {
        let repository =
          "\(root)/\(kind.rawValue)s--" + spelling.replacing("/", with: "--")
        guard existence(repository) == .folder else { continue }
        return try snapshot(in: repository, name: name, revision: revision)
      }
    }
    let looked = (kind == .dataset ? cache.lerobotRoots : []) + roots
    let download =
      "hf download \(spellings.first!)" + (kind == .dataset ? " --repo-type dataset" : "")
      + (revision.map { " --revision \($0)" } ?? "")
    throw HubError(
      "\(kind.rawValue.capitalized) \(name) is neither a folder here nor in "
        + "\(looked.joined(separator: ", ")). Run `\(download)` where there is a network (set "
        + "HF_HOME to where you copy the cache), or give a folder's path.")
  }

  private static func snapshot(
    in repository: String, name: String, revision: String?
  ) throws -> URL {
    let snapshots = repository + "/snapshots"
    func folder(commit: String) -> URL? {
      let path = snapshots + "/" + commit
      return existence(path) == .folder ? URL(fileURLWithPath: path, isDirectory: true) : nil
    }
    func commit(of reference: String) -> String? {
      guard
        let text = try? String(contentsOfFile: repository + "/refs/" + reference, encoding: .utf8)
      else { return nil }
      let commit = text.trimmingCharacters(in: .whitespacesAndNewlines)
      return isPathComponent(commit) ? commit : nil
    }
    let wanted = revision ?? "main"
    guard wanted.split(separator: "/", omittingEmptySubsequences: false).allSatisfy(isPathComponent)
    else { throw HubError("\(name): \(wanted) is not a revision's name.") }
    if let commit = commit(of: wanted) {
      if let folder = folder(commit: commit) { return folder }
      throw HubError(
        "\(name): the cache's revision \(wanted) names commit \(commit), which is not in "
          + "\(snapshots). Run `hf download \(name)` again.")
    }
    if let folder = folder(commit: wanted) { return folder }
    let commits = (try? FileManager.default.contentsOfDirectory(atPath: snapshots)) ?? []
    let visible = commits.filter { !$0.hasPrefix(".") && folder(commit: $0) != nil }.sorted()
    if revision == nil, visible.count == 1, let folder = folder(commit: visible[0]) {
      return folder
    }
    let references =
      (FileManager.default.enumerator(atPath: repository + "/refs"))?
      .compactMap { $0 as? String }.filter { commit(of: $0) != nil }.sorted() ?? []
    let there = references + visible
    throw HubError(
      "\(name): revision \(wanted) is not in the cache folder \(repository); "
        + (there.isEmpty ? "it has none." : "it has \(there.joined(separator: ", "))."))
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

  private static func isPathComponent(_ text: some StringProtocol) -> Bool {
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
