import Foundation

/// Where the Hugging Face cache and token, LeRobot's datasets and Recap's own cache lie, by
/// environment.
package struct CacheLocations: Sendable {
  /// `huggingface_hub`'s cache of models and datasets.
  let hub: String
  /// LeRobot's folder of datasets, `<org>/<name>` each, and its own hub cache in `hub/`.
  let lerobot: String
  /// Recap's own cache.
  let recap: String
  /// The file that `hf auth login` leaves a token in.
  let token: String
  private let home: String

  package init(environment: [String: String]) {
    func value(_ key: String) -> String? {
      environment[key].flatMap { $0.isEmpty ? nil : $0 }
    }
    let home = value("HOME") ?? NSHomeDirectory()
    func expand(_ path: String) -> String {
      path == "~" || path.hasPrefix("~/") ? home + path.dropFirst() : path
    }
    let xdg = expand(value("XDG_CACHE_HOME") ?? "~/.cache")
    let huggingFace = expand(value("HF_HOME") ?? xdg + "/huggingface")
    hub = expand(
      value("HF_HUB_CACHE") ?? value("HUGGINGFACE_HUB_CACHE") ?? huggingFace + "/hub")
    lerobot = expand(value("HF_LEROBOT_HOME") ?? huggingFace + "/lerobot")
    recap = xdg + "/recap"
    token = expand(value("HF_TOKEN_PATH") ?? huggingFace + "/token")
    self.home = home
  }

  var lerobotRoots: [String] { [lerobot] }

  func hubRoots(kind: Hub.Kind) -> [String] {
    kind == .dataset ? [hub, lerobot + "/hub"] : [hub]
  }

  func expandingTilde(_ path: String) -> String {
    path == "~" || path.hasPrefix("~/") ? home + path.dropFirst() : path
  }
}
