import Foundation
import Platform

/// How to reach the hub: what the environment says, under `huggingface_hub`'s names.
package struct HubSettings: Sendable {
  /// `HF_ENDPOINT`, without a slash at its end.
  package var endpoint: String
  /// `HF_TOKEN`, else the file `HF_TOKEN_PATH` or `$HF_HOME/token`.
  package var token: String?
  /// The variable that forbids the network, `HF_HUB_OFFLINE` or `TRANSFORMERS_OFFLINE`, if one does.
  package var offlineBy: String?
  /// Seconds for a connection to stand (`HF_HUB_ETAG_TIMEOUT`).
  package var connectTimeout: Int
  /// Seconds without a byte until a transfer counts as dropped (`HF_HUB_DOWNLOAD_TIMEOUT`).
  package var stallTimeout: Int
  /// A file of certificates to trust in place of the system's.
  package var certificates: String?
  package var cache: CacheLocations
  /// Seconds before the first retry; each further one waits twice as long.
  package var retryDelay = 1.0
  /// Files under way at once.
  package var connections = 8

  package init(environment: [String: String]) {
    func value(_ keys: String...) -> String? {
      keys.lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
    }
    func seconds(_ key: String) -> Int {
      guard let text = value(key), let seconds = Double(text), (1.0...86_400.0).contains(seconds)
      else { return 10 }
      return Int(seconds)
    }
    func isTrue(_ key: String) -> Bool {
      ["1", "ON", "YES", "TRUE"].contains(value(key)?.uppercased() ?? "")
    }
    cache = CacheLocations(environment: environment)
    let given = value("HF_ENDPOINT") ?? "https://huggingface.co"
    endpoint = String(given.reversed().drop { $0 == "/" }.reversed())
    func cleaned(_ text: String) -> String? {
      let token = text.filter { !$0.isNewline }.trimmingCharacters(in: .whitespaces)
      return token.isEmpty ? nil : token
    }
    token =
      isTrue("HF_HUB_DISABLE_IMPLICIT_TOKEN")
      ? nil
      : value("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN").flatMap(cleaned)
        ?? (try? readFile(cache.token, wanted: "a token")).flatMap {
          cleaned(String(decoding: $0, as: UTF8.self))
        }
    // As in huggingface_hub: the second is looked at only where the first is not set.
    offlineBy = ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"].first { value($0) != nil }
      .flatMap { isTrue($0) ? $0 : nil }
    connectTimeout = seconds("HF_HUB_ETAG_TIMEOUT")
    stallTimeout = seconds("HF_HUB_DOWNLOAD_TIMEOUT")
    certificates = value("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
  }
}
