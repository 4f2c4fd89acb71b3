import CCurl
import Foundation
import Platform

/// What a server said before the body.
struct HTTPAnswer {
  var status = 0
  /// By name in lowercase.
  var headers: [String: String] = [:]
  /// Where it was asked for, after redirects.
  var url: String
}

/// Why a request brought nothing, or not all.
enum HTTPFailure: Error {
  /// There was no connection: no such host, nobody listening, a certificate that is not trusted.
  case unreachable(String)
  /// No address is known for the host's name, or it is no name.
  case noSuchHost(String)
  /// The connection ended or stalled before the answer did.
  case dropped(String)
  /// An answer leads where nothing can be got, so that to ask again is of no use.
  case misled(String)
  /// The server refused; the address is the one that refused.
  case status(HTTPAnswer)
}

private let longestRefusal = 1 << 20

/// Sends requests one after the other over connections that stay open, by libcurl.
///
/// Redirects are followed here, not by libcurl, because the token goes to the endpoint's host alone.
final class HTTPClient {
  private let settings: HubSettings
  private let curl: ccurl_handle
  private static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

  init(_ settings: HubSettings) {
    self.settings = settings
    guard Self.isReady else { fatalError("HTTPClient: libcurl cannot begin") }
    curl = ccurl_open()
    guard ccurl_is_open(curl) != 0 else { fatalError("HTTPClient: libcurl gives no handle") }
  }

  deinit { ccurl_close(curl) }

  /// Asks for a file's headers, not following a redirect that leaves the endpoint's host once the
  /// answer says what the file is (`X-Linked-Etag`).
  func head(_ url: String) throws -> HTTPAnswer {
    try follow(url, method: "HEAD", headers: []) { _, _ in }
  }

  /// Gets a small body whole.
  ///
  /// - Parameter limit: A longer body is a failure, so that no server can fill the memory.
  func get(_ url: String, limit: Int) throws -> (answer: HTTPAnswer, body: Data) {
    var body = Data()
    let answer = try follow(url, method: "GET", headers: []) { answer, bytes in
      guard body.count + bytes.count <= limit else {
        throw HubError("\(answer.url): the answer is longer than \(limit) bytes.")
      }
      body.append(contentsOf: bytes)
    }
    return (answer, body)
  }

  /// Gets a body in pieces, from byte `offset` on where the server can (status 206).
  func get(
    _ url: String, from offset: Int,
    receive: (HTTPAnswer, UnsafeRawBufferPointer) throws -> Void
  ) throws -> HTTPAnswer {
    try follow(
      url, method: "GET", headers: offset > 0 ? ["Range: bytes=\(offset)-"] : [],
      receive: receive)
  }

  private func follow(
    _ first: String, method: String, headers: [String],
    receive: (HTTPAnswer, UnsafeRawBufferPointer) throws -> Void
  ) throws -> HTTPAnswer {
    var (before, url) = (String?.none, first)
    for _ in 0..<10 {
      let isHub = Self.origin(url) == Self.origin(settings.endpoint)
      var headers = headers + ["Accept-Encoding: identity", "User-Agent: recap"]
      if let token = settings.token, isHub { headers.append("Authorization: Bearer \(token)") }
      guard Self.isWebAddress(url) else {
        throw HTTPFailure.misled(
          "\(excerpt(before ?? settings.endpoint)) leads to \(excerpt(url)), which is no web address"
        )
      }
      let (answer, next): (HTTPAnswer, String?)
      do {
        (answer, next) = try exchange(url, method: method, headers: headers, receive: receive)
      } catch HTTPFailure.noSuchHost(let reason) {
        // The server that led there did answer, so it is not the network.
        guard let before else { throw HTTPFailure.unreachable(reason) }
        throw HTTPFailure.misled("\(excerpt(before)) leads to \(excerpt(url)): \(reason)")
      }
      if let next, 300..<400 ~= answer.status {
        let leaves = Self.origin(next) != Self.origin(url)
        if method == "HEAD", leaves, answer.headers["x-linked-etag"] != nil { return answer }
        guard !(url.hasPrefix("https:") && next.hasPrefix("http:")) else {
          throw HTTPFailure.misled(
            "\(excerpt(url)) leads to \(excerpt(next)), which is not encrypted")
        }
        (before, url) = (url, next)
        continue
      }
      guard 200..<300 ~= answer.status else { throw HTTPFailure.status(answer) }
      return answer
    }
    throw HTTPFailure.misled("\(excerpt(first)) leads from one address to the next without end")
  }

  private static func isWebAddress(_ url: String) -> Bool {
    let parts = url.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
    return parts.count >= 3 && ["http:", "https:"].contains(parts[0].lowercased())
      && parts[1].isEmpty && !parts[2].isEmpty
  }

  /// Scheme, host and port.
  private static func origin(_ url: String) -> String {
    let parts = url.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
    return parts.prefix(3).joined(separator: "/").lowercased()
  }

  private static func isLoopback(_ url: String) -> Bool {
    let host = origin(url).split(separator: "/").last ?? ""
    return ["127.0.0.1", "localhost", "[::1]"].contains { host == $0 || host.hasPrefix($0 + ":") }
  }

  /// What libcurl's callbacks write into during one exchange.
  private final class Exchange {
    var answer: HTTPAnswer
    var error: (any Error)?
    /// Bytes of a refusal's body, which nobody reads.
    var ignored = 0
    let receive: (HTTPAnswer, UnsafeRawBufferPointer) throws -> Void

    init(url: String, receive: @escaping (HTTPAnswer, UnsafeRawBufferPointer) throws -> Void) {
      answer = HTTPAnswer(url: url)
      self.receive = receive
    }

    func header(_ line: String) {
      if line.hasPrefix("HTTP/") {
        // Also the answers before the last: of a proxy, or 100 Continue.
        answer.headers = [:]
        answer.status = line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
      } else if let colon = line.firstIndex(of: ":") {
        answer.headers[line[..<colon].lowercased()] =
          line[line.index(after: colon)...].trimmingCharacters(in: .whitespacesAndNewlines)
      }
    }
  }

  private func exchange(
    _ url: String, method: String, headers: [String],
    receive: (HTTPAnswer, UnsafeRawBufferPointer) throws -> Void
  ) throws -> (answer: HTTPAnswer, redirect: String?) {
    try withoutActuallyEscaping(receive) { receive in
      let exchange = Exchange(url: url, receive: receive)
      var list: UnsafeMutablePointer<curl_slist>?
      for header in headers { list = curl_slist_append(list, header) }
      defer { curl_slist_free_all(list) }
      let message = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
      message.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
      defer { message.deallocate() }

      let user = Unmanaged.passUnretained(exchange).toOpaque()
      ccurl_reset(curl)
      let set = [
        ccurl_set_text(curl, CURLOPT_URL, url),
        ccurl_set_text(curl, CURLOPT_PROTOCOLS_STR, "http,https"),
        ccurl_set_number(curl, CURLOPT_NOBODY, method == "HEAD" ? 1 : 0),
        ccurl_set_number(curl, CURLOPT_NOSIGNAL, 1),
        ccurl_set_number(curl, CURLOPT_CONNECTTIMEOUT, settings.connectTimeout),
        ccurl_set_number(curl, CURLOPT_LOW_SPEED_LIMIT, 1),
        ccurl_set_number(curl, CURLOPT_LOW_SPEED_TIME, settings.stallTimeout),
        ccurl_set_number(curl, CURLOPT_BUFFERSIZE, 1 << 18),
        ccurl_set_pointer(curl, CURLOPT_HTTPHEADER, list),
        ccurl_set_pointer(curl, CURLOPT_ERRORBUFFER, message),
        ccurl_set_callback(curl, CURLOPT_HEADERFUNCTION) { bytes, _, count, user in
          let exchange = Unmanaged<Exchange>.fromOpaque(user!).takeUnretainedValue()
          exchange.header(
            String(decoding: UnsafeRawBufferPointer(start: bytes, count: count), as: UTF8.self))
          return count
        },
        ccurl_set_pointer(curl, CURLOPT_HEADERDATA, user),
        ccurl_set_callback(curl, CURLOPT_WRITEFUNCTION) { bytes, _, count, user in
          let exchange = Unmanaged<Exchange>.fromOpaque(user!).takeUnretainedValue()
          guard 200..<300 ~= exchange.answer.status else {
            exchange.ignored += count
            return exchange.ignored > longestRefusal ? 0 : count
          }
          do {
            try exchange.receive(
              exchange.answer, UnsafeRawBufferPointer(start: bytes, count: count))
            return count
          } catch {
            exchange.error = error
            return 0
          }
        },
        ccurl_set_pointer(curl, CURLOPT_WRITEDATA, user),
        ccurl_stop_when(curl) { Interruption.isAsked ? 1 : 0 },
        // This machine is not behind a proxy from itself.
        Self.isLoopback(url) ? ccurl_set_text(curl, CURLOPT_PROXY, "") : CURLE_OK,
        settings.certificates.map { ccurl_set_text(curl, CURLOPT_CAINFO, $0) } ?? CURLE_OK,
      ]
      if let refused = set.first(where: { $0 != CURLE_OK }) {
        throw HTTPFailure.unreachable("\(url): \(String(cString: curl_easy_strerror(refused)))")
      }
      let code = withExtendedLifetime(exchange) { ccurl_perform(curl) }
      if let error = exchange.error { throw error }
      if code == CURLE_ABORTED_BY_CALLBACK { try Interruption.check() }
      guard code == CURLE_OK || exchange.ignored > longestRefusal else {
        let said = String(cString: message)
        let text = said.isEmpty ? String(cString: curl_easy_strerror(code)) : said
        if code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_URL_MALFORMAT {
          throw HTTPFailure.noSuchHost(text)
        }
        let hadConnection = code != CURLE_OPERATION_TIMEDOUT || exchange.answer.status != 0
        throw hadConnection && Self.lost.contains(code.rawValue)
          ? HTTPFailure.dropped(text) : HTTPFailure.unreachable(text)
      }
      return (exchange.answer, ccurl_redirect(curl).map { String(cString: $0) })
    }
  }

  /// What happens to connections that stood.
  private static let lost = Set(
    [
      CURLE_PARTIAL_FILE, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_GOT_NOTHING,
      CURLE_OPERATION_TIMEDOUT, CURLE_HTTP2, CURLE_HTTP2_STREAM, CURLE_SSL_SHUTDOWN_FAILED,
    ].map(\.rawValue))
}
