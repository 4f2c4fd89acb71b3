import Foundation
import Synchronization

/// An HTTP/1.1 server on a free port of this machine, a thread for each connection.
final class LocalServer: Sendable {
  struct Request: Sendable {
    var method = ""
    /// With the query.
    var path = ""
    /// By name in lowercase.
    var headers: [String: String] = [:]
  }

  struct Answer: Sendable {
    var status = 200
    var headers: [String: String] = [:]
    var body = Data()
    /// Closes the connection after this many bytes of the body.
    var cut: Int?

    /// The body, or the part of it that the request wants.
    init(_ body: Data, to request: Request) {
      self.body = body
      guard let range = request.headers["range"],
        let start = Int(range.dropFirst("bytes=".count).prefix { $0.isNumber })
      else { return }
      status = start < body.count ? 206 : 416
      self.body = status == 206 ? body[start...] : Data()
      headers["Content-Range"] = "bytes \(start)-\(body.count - 1)/\(body.count)"
    }

    init(status: Int, headers: [String: String] = [:], body: Data = Data(), cut: Int? = nil) {
      (self.status, self.headers, self.body, self.cut) = (status, headers, body, cut)
    }
  }

  let url: String
  private let socket: Int32
  private let answer: @Sendable (Request) -> Answer
  private let log = Mutex<[Request]>([])

  var requests: [Request] { log.withLock { $0 } }
  func forget() { log.withLock { $0 = [] } }

  init(_ answer: @escaping @Sendable (Request) -> Answer) {
    self.answer = answer
    socket = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let socket = socket
    let isOpen = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(socket, $0, size) == 0 && listen(socket, 64) == 0
          && getsockname(socket, $0, &size) == 0
      }
    }
    precondition(isOpen, "no port for the test's server")
    url = "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))"
    Thread { [weak self] in
      while true {
        let connection = accept(socket, nil, nil)
        guard connection >= 0 else { return }
        guard let self else {
          close(connection)
          return
        }
        Thread { self.serve(connection) }.start()
      }
    }.start()
  }

  /// Nobody listens there any more.
  func stop() { shutdown(socket, Int32(SHUT_RDWR)) }

  deinit {
    stop()
    close(socket)
  }

  private func serve(_ connection: Int32) {
    defer { close(connection) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      while let end = Self.end(of: bytes) {
        let request = Self.parse(bytes[..<end])
        bytes.removeFirst(end)
        log.withLock { $0.append(request) }
        guard send(answer(request), to: request, connection) else { return }
      }
      let count = read(connection, &buffer, buffer.count)
      guard count > 0 else { return }
      bytes += buffer[..<count]
    }
  }

  private static func end(of bytes: [UInt8]) -> Int? {
    guard bytes.count >= 4 else { return nil }
    return (4...bytes.count).first { bytes[($0 - 4)..<$0].elementsEqual([13, 10, 13, 10]) }
  }

  private static func parse(_ bytes: ArraySlice<UInt8>) -> Request {
    let lines = String(decoding: bytes, as: UTF8.self).components(separatedBy: "\r\n")
    let words = lines[0].split(separator: " ")
    var request = Request(method: String(words[0]), path: String(words[1]))
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      request.headers[line[..<colon].lowercased()] =
        line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
    }
    return request
  }

  private func send(_ answer: Answer, to request: Request, _ connection: Int32) -> Bool {
    var head = "HTTP/1.1 \(answer.status) -\r\nContent-Length: \(answer.body.count)\r\n"
    for (name, value) in answer.headers { head += "\(name): \(value)\r\n" }
    var bytes = Array((head + "\r\n").utf8)
    if request.method != "HEAD" { bytes += answer.body.prefix(answer.cut ?? .max) }
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes {
        Foundation.send(
          connection, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      sent += count
    }
    return answer.cut == nil
  }
}
