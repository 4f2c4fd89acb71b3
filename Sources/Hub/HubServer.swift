import Foundation
import Platform

/// What the hub's API says of one repository.
///
/// `GET api/models/NAME/revision/REVISION` gives the commit and the names of its files, and
/// `GET api/models/NAME/tree/COMMIT?recursive=true`, page by page, sizes and hashes. A server that
/// has no tree gives those file by file, in the headers of `HEAD NAME/resolve/COMMIT/FILE`.
struct HubServer {
  let settings: HubSettings
  let client: HTTPClient
  let name: String
  let kind: Hub.Kind

  private static let longestAnswer = 1 << 28
  /// Of a thousand files each, two million files.
  private static let mostPages = 2000

  private func api(_ path: String) -> String {
    "\(settings.endpoint)/api/\(kind.rawValue)s/\(name)/\(path)"
  }

  func address(of file: String, commit: String) -> String {
    let folder = kind == .dataset ? "datasets/" : ""
    return "\(settings.endpoint)/\(folder)\(name)/resolve/\(commit)/\(Self.quoted(file))"
  }

  /// Keeps only what RFC 3986 calls unreserved, and slashes where they are wanted.
  private static func quoted(_ text: String, slashes: Bool = true) -> String {
    var kept = CharacterSet(
      charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
    if slashes { kept.insert("/") }
    return text.addingPercentEncoding(withAllowedCharacters: kept)!
  }

  private struct Revision: Decodable {
    struct File: Decodable { var rfilename: String }
    var sha: String
    var siblings: [File]?
  }

  /// The commit that a branch, tag or commit's name stands for, and the names of its files.
  func commit(of revision: String) throws -> (commit: String, names: [String]) {
    let url = api("revision/" + Self.quoted(revision, slashes: false))
    let (answer, body) = try Retry(settings).run { try client.get(url, limit: Self.longestAnswer) }
    guard let found = try? JSONDecoder().decode(Revision.self, from: body),
      Hub.isPathComponent(found.sha), !found.sha.hasPrefix(".")
    else {
      throw HubError(
        "\(answer.url): the answer is not the hub's; wanted JSON with the key sha. Check "
          + "HF_ENDPOINT (\(settings.endpoint)) and the proxy's settings.")
    }
    return (found.sha, found.siblings?.map(\.rfilename) ?? [])
  }

  private struct Entry: Decodable {
    struct Large: Decodable {
      var oid: String?
      var size: Int?
    }
    var type: String
    var path: String
    var oid: String?
    var size: Int?
    var lfs: Large?
  }

  /// Files of a commit with their sizes and hashes; `names` alone where the server has no tree.
  func listing(of commit: String, names: [String]) throws -> Listing {
    var files: [String: Listing.File] = [:]
    var next: String? = api("tree/\(commit)?recursive=true&expand=false")
    var (pages, emptyPages) = (0, 0)
    while let url = next {
      pages += 1
      let known = files.count
      func endless() -> HubError {
        HubError(
          "\(name): the server's list of files has no end: \(pages) pages, the last of them "
            + "\(excerpt(url)). Check HF_ENDPOINT (\(settings.endpoint)) and the proxy's settings.")
      }
      guard pages <= Self.mostPages else { throw endless() }
      do {
        let (answer, body) = try Retry(settings).run {
          try client.get(url, limit: Self.longestAnswer)
        }
        for entry in try JSONDecoder().decode([Entry].self, from: body) where entry.type == "file" {
          files[entry.path] = Listing.File(
            size: entry.size, gitSHA1: entry.oid, sha256: entry.lfs?.oid,
            largeSize: entry.lfs?.size)
        }
        next = answer.headers["link"].flatMap(Self.nextPage)
        // Pages may hold folders alone, but not page after page.
        emptyPages = files.count > known ? 0 : emptyPages + 1
        guard next == nil || emptyPages < 10 else { throw endless() }
      } catch HTTPFailure.status(let answer) where files.isEmpty && !names.isEmpty {
        guard [400, 404, 405, 501].contains(answer.status) else {
          throw HTTPFailure.status(answer)
        }
        next = nil
      } catch is DecodingError {
        guard files.isEmpty, !names.isEmpty else {
          throw HubError("\(url): the answer is not a list of files, as the hub's is.")
        }
        next = nil
      }
    }
    if files.isEmpty { for name in names { files[name] = Listing.File() } }
    for name in files.keys where !Listing.isSafe(name) {
      throw HubError(
        "\(self.name): the server names a file \(name.debugDescription), which would be outside "
          + "of the folder; nothing was written.")
    }
    let listing = Listing(files: files)
    if let fault = listing.fault {
      throw HubError(
        "\(self.name): the server says that \(fault), which cannot be; nothing was written.")
    }
    return listing
  }

  /// The address with `rel="next"` in a `Link` header.
  private static func nextPage(_ link: String) -> String? {
    link.split(separator: ",").lazy
      .filter { $0.contains("rel=\"next\"") }
      .compactMap { part in
        guard let open = part.firstIndex(of: "<"), let close = part.firstIndex(of: ">"),
          open < close
        else { return nil }
        return String(part[part.index(after: open)..<close])
      }.first
  }

  /// A file's entity tag and size, from the headers of its address.
  func file(_ file: String, commit: String) throws -> (tag: String, byteCount: Int?) {
    let answer = try Retry(settings).run { try client.head(address(of: file, commit: commit)) }
    let headers = answer.headers
    guard var tag = (headers["x-linked-etag"] ?? headers["etag"]).map({ Substring($0) }) else {
      throw HubError("\(answer.url): the answer has no ETag, so it is not the hub's.")
    }
    if tag.hasPrefix("W/") { tag = tag.dropFirst(2) }
    tag = Substring(tag.trimmingCharacters(in: CharacterSet(charactersIn: "\"")))
    let size =
      headers["x-linked-size"] ?? (300..<400 ~= answer.status ? nil : headers["content-length"])
    guard let size else { return (String(tag), nil) }
    guard let count = Int(size), (0..<Listing.mostBytes).contains(count) else {
      throw HubError("\(answer.url): the server says that it has \(size.prefix(40)) bytes.")
    }
    return (String(tag), count)
  }
}
