import Foundation
import Synchronization
import Testing

import Hub

/// Servers that lead astray: it is said at once, and asked no more.
@Suite struct MisledTests {
  let sandbox = Sandbox()

  private func message(_ body: () throws -> Void) -> String {
    do { try body() } catch { return "\(error)" }
    return "(no error)"
  }

  private static let bad = [
    "file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://x", "javascript:alert(1)", "http://",
    "http:///x", "https://no-such-host.invalid/x", "http://[:::]/x", "data:,x",
  ]

  /// A second request would be answered well.
  @Test(arguments: bad) func aRedirectToNowhereIsRefusedAtOnce(target: String) throws {
    let fault = LocalServer.Answer(status: 302, headers: ["Location": target])
    for ending in ["revision/main", "README.md", "v.mp4"] {
      let hub = FakeHub(DownloadTests.dataset)
      hub.change { $0.faults = [(ending, fault)] }
      var settings = hub.settings(in: Sandbox())
      settings.retryDelay = 1
      let start = ContinuousClock.now
      let text = message { _ = try Hub.folder(for: "o/d", kind: .dataset, settings: settings) }
      #expect(ContinuousClock.now - start < .seconds(1.5), "\(target) \(ending)")
      #expect(text.hasPrefix("Dataset o/d"), "\(target): \(text)")
      #expect(!text.contains("\n") && text.utf8.count < 1500)
      #expect(hub.requests.count { $0.path.hasSuffix(ending) } <= 1)
    }
  }

  @Test func redirectsInACircleAreRefusedAtOnce() throws {
    for ending in ["revision/main", "README.md"] {
      let hub = FakeHub(DownloadTests.dataset)
      let circle = LocalServer.Answer(status: 302, headers: ["Location": "?\(ending)"])
      hub.change { $0.faults = Array(repeating: (ending, circle), count: 100) }
      let settings = hub.settings(in: sandbox)
      let text = message { _ = try Hub.folder(for: "o/d", kind: .dataset, settings: settings) }
      #expect(text.contains("leads from one address to the next without end"), "\(text)")
      #expect(hub.requests.count { $0.path.hasSuffix(ending) } <= 10)
    }
  }

  /// Every page has another, with or without files of its own.
  @Test(arguments: [true, false]) func aListWithoutEndHasOne(hasFiles: Bool) throws {
    let pages = Mutex(0)
    let server = LocalServer { request in
      if request.path.contains("/revision/") {
        let body = "{\"sha\": \"c0ffee\", \"siblings\": [{\"rfilename\": \"a\"}]}"
        return LocalServer.Answer(Data(body.utf8), to: request)
      }
      let page = pages.withLock { page in
        page += 1
        return page
      }
      let name = hasFiles ? "file\(page)" : "a"
      let body = "[{\"type\": \"file\", \"path\": \"\(name)\", \"size\": 1, \"oid\": \"ab\"}]"
      var answer = LocalServer.Answer(Data(body.utf8), to: request)
      let next = "http://\(request.headers["host"]!)/api/datasets/o/d/tree/c0ffee?cursor=\(page)"
      answer.headers["Link"] = "<\(next)>; rel=\"next\""
      return answer
    }
    let settings = HubSettings(
      environment: ["HOME": sandbox.url.path, "HF_ENDPOINT": server.url])
    let text = message { _ = try Hub.folder(for: "o/d", kind: .dataset, settings: settings) }
    #expect(text.contains("o/d: the server's list of files has no end: "), "\(text)")
    #expect(!text.contains("\n"))
    #expect(pages.withLock { $0 } <= (hasFiles ? 2000 : 11))
  }
}
