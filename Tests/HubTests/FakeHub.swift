import Foundation
import Hub
import Synchronization

/// A server that speaks the hub's API for one repository, with large files on a second port.
final class FakeHub: Sendable {
  struct Repository: Sendable {
    var api = "datasets/o/d"
    var commit = String(repeating: "c0ffee00", count: 5)
    var revisions = ["main"]
    var files: [String: Data] = [:]
    /// Those the hub keeps elsewhere, under their SHA-256.
    var large: Set<String> = []
    /// How the second server is called; huggingface_hub takes another port for the same server.
    var elsewhere = "127.0.0.1"
    var token: String?
    /// Whether there is a tree of sizes and hashes.
    var hasTree = true
    /// Files a page of the tree.
    var page = 1000
    /// Answers in place of the right one, while there are any for a path's ending.
    var faults: [(ending: String, answer: LocalServer.Answer)] = []
  }

  let hub: LocalServer
  let cdn: LocalServer

  init(_ repository: Repository) {
    let shared = Shared(repository)
    cdn = LocalServer { request in
      shared.state.withLock { state in
        if request.headers["authorization"] != nil { return .init(status: 500) }
        let name = String(request.path.dropFirst(5))
        if let fault = Self.fault(&state, request.path) { return fault }
        guard let data = state.files[name] else { return .init(status: 404) }
        return .init(data, to: request)
      }
    }
    let elsewhere = cdn.url
    hub = LocalServer { request in
      shared.state.withLock { Self.answer(request, &$0, cdn: elsewhere) }
    }
    self.shared = shared
  }

  private final class Shared: Sendable {
    let state: Mutex<Repository>
    init(_ repository: Repository) { state = Mutex(repository) }
  }
  private let shared: Shared

  func change(_ body: (inout Repository) -> Void) { shared.state.withLock { body(&$0) } }
  var requests: [LocalServer.Request] { hub.requests + cdn.requests }
  func forget() {
    hub.forget()
    cdn.forget()
  }

  func settings(in sandbox: Sandbox, _ more: [String: String] = [:]) -> HubSettings {
    let environment = ["HOME": sandbox.url.path, "HF_ENDPOINT": hub.url + "/"]
    var settings = HubSettings(environment: environment.merging(more) { $1 })
    settings.retryDelay = 0.01
    return settings
  }

  private static func fault(_ state: inout Repository, _ path: String) -> LocalServer.Answer? {
    guard let index = state.faults.firstIndex(where: { path.hasSuffix($0.ending) }) else {
      return nil
    }
    return state.faults.remove(at: index).answer
  }

  private static func json(_ value: Any) -> Data {
    try! JSONSerialization.data(withJSONObject: value)
  }

  private static func answer(
    _ request: LocalServer.Request, _ state: inout Repository, cdn: String
  ) -> LocalServer.Answer {
    let path = request.path.removingPercentEncoding!
    if let fault = fault(&state, path) { return fault }
    if let token = state.token, request.headers["authorization"] != "Bearer \(token)" {
      return .init(status: 401, headers: ["X-Error-Code": "RepoNotFound"])
    }
    let files = state.files.keys.sorted()
    let api = "/api/\(state.api)/"
    if path.hasPrefix(api + "revision/") {
      guard (state.revisions + [state.commit]).contains(String(path.dropFirst(api.count + 9)))
      else { return .init(status: 404, headers: ["X-Error-Code": "RevisionNotFound"]) }
      let info: [String: Any] = [
        "id": state.api.drop { $0 != "/" }.dropFirst().description, "sha": state.commit,
        "private": false, "disabled": false, "gated": false, "downloads": 0, "likes": 0,
        "tags": [String](), "siblings": files.map { ["rfilename": $0] },
      ]
      return .init(json(info), to: request)
    }
    if path.hasPrefix(api + "tree/\(state.commit)?"), state.hasTree {
      let start = path.range(of: "cursor=").map { Int(path[$0.upperBound...])! } ?? 0
      let entries: [[String: Any]] = files[start...].prefix(state.page).map { name in
        let data = state.files[name]!
        var entry: [String: Any] = [
          "type": "file", "path": name, "size": data.count, "oid": gitSHA1(data),
        ]
        if state.large.contains(name) {
          entry["lfs"] = ["oid": sha256(data), "size": data.count, "pointerSize": 134]
        }
        return entry
      }
      var answer = LocalServer.Answer(
        json([["type": "directory", "path": "x", "oid": ""]] + entries), to: request)
      if start + state.page < files.count {
        let next = "http://\(request.headers["host"]!)\(api)tree/\(state.commit)?recursive=true"
        answer.headers["Link"] = "<\(next)&cursor=\(start + state.page)>; rel=\"next\""
      }
      return answer
    }
    let folder = state.api.hasPrefix("models/") ? String(state.api.dropFirst(7)) : state.api
    let resolve = "/\(folder)/resolve/\(state.commit)/"
    guard path.hasPrefix(resolve), let data = state.files[String(path.dropFirst(resolve.count))]
    else { return .init(status: 404, headers: ["X-Error-Code": "RepoNotFound"]) }
    let name = String(path.dropFirst(resolve.count))
    guard state.large.contains(name) else {
      var answer = LocalServer.Answer(data, to: request)
      answer.headers["ETag"] = "\"\(gitSHA1(data))\""
      answer.headers["X-Repo-Commit"] = state.commit
      return answer
    }
    return .init(
      status: 302,
      headers: [
        "Location": cdn.replacing("127.0.0.1", with: state.elsewhere) + "/cdn/\(name)",
        "X-Repo-Commit": state.commit,
        "X-Linked-Etag": "\"\(sha256(data))\"", "X-Linked-Size": "\(data.count)",
      ])
  }

  static func sha256(_ data: Data) -> String {
    var hash = SHA256()
    data.withUnsafeBytes { hash.update($0) }
    return hash.finish()
  }

  /// As `git hash-object` has it: SHA-1 (FIPS 180-4), written out to be independent of libcrypto.
  static func gitSHA1(_ data: Data) -> String {
    var bytes = Array("blob \(data.count)\0".utf8) + data
    let bitCount = UInt64(bytes.count * 8)
    bytes.append(0x80)
    while bytes.count % 64 != 56 { bytes.append(0) }
    bytes += (0..<8).map { UInt8(truncatingIfNeeded: bitCount >> (56 - 8 * $0)) }
    var state: [UInt32] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0]
    func rotated(_ x: UInt32, _ n: UInt32) -> UInt32 { x << n | x >> (32 - n) }
    for start in stride(from: 0, to: bytes.count, by: 64) {
      var words = (0..<16).map { word in
        (0..<4).reduce(UInt32(0)) { $0 << 8 | UInt32(bytes[start + 4 * word + $1]) }
      }
      for t in 16..<80 {
        words.append(rotated(words[t - 3] ^ words[t - 8] ^ words[t - 14] ^ words[t - 16], 1))
      }
      var (a, b, c, d, e) = (state[0], state[1], state[2], state[3], state[4])
      for t in 0..<80 {
        let (f, k): (UInt32, UInt32) =
          switch t {
          case ..<20: (b & c | ~b & d, 0x5a82_7999)
          case ..<40: (b ^ c ^ d, 0x6ed9_eba1)
          case ..<60: (b & c | b & d | c & d, 0x8f1b_bcdc)
          default: (b ^ c ^ d, 0xca62_c1d6)
          }
        let next = rotated(a, 5) &+ f &+ e &+ k &+ words[t]
        (a, b, c, d, e) = (next, a, rotated(b, 30), c, d)
      }
      state = zip(state, [a, b, c, d, e]).map { $0 &+ $1 }
    }
    return state.map { String(format: "%08x", $0) }.joined()
  }
}
