import Foundation
import Platform

extension Hub {
  /// Says in one line what went wrong with a download, and what to do.
  static func explain(
    _ error: any Error, name: String, kind: Kind, file: String?, settings: HubSettings
  ) -> HubError {
    let title = "\(kind.rawValue.capitalized) \(name)" + (file.map { ", file \($0)" } ?? "")
    switch error {
    case let error as HubError:
      return file == nil ? error : HubError("\(title): \(error)")
    case HTTPFailure.misled(let reason):
      return HubError(
        "\(title): an answer cannot be followed: \(reason). Check HF_ENDPOINT (\(settings.endpoint)) "
          + "and the proxy's settings.")
    case HTTPFailure.unreachable(let reason), HTTPFailure.noSuchHost(let reason):
      return HubError(
        "\(title): \(settings.endpoint) cannot be reached (\(reason)), and it is neither a folder "
          + "here nor whole in the cache. Check the network (HTTPS_PROXY, HF_ENDPOINT), or run "
          + "`recap download` where there is one and set HF_HOME to where you copy the cache.")
    case HTTPFailure.dropped(let reason):
      return HubError(
        "\(title): the connection to \(settings.endpoint) broke off \(Retry.attempts) times "
          + "(\(reason)). What came is kept: run again to go on from there.")
    case HTTPFailure.status(let answer):
      return HubError("\(title): " + refusal(answer, name: name, kind: kind, settings: settings))
    default:
      return HubError("\(title): \(systemProblem(error))")
    }
  }

  private static func refusal(
    _ answer: HTTPAnswer, name: String, kind: Kind, settings: HubSettings
  ) -> String {
    let page = "\(settings.endpoint)/\(kind == .dataset ? "datasets/" : "")\(name)"
    let hasToken = settings.token != nil
    let token =
      hasToken
      ? "the token that was sent (HF_TOKEN, else \(settings.cache.token)) is refused or may not read it"
      : "no token was sent: set HF_TOKEN to one that may read it"
    switch (answer.status, answer.headers["x-error-code"]) {
    case (_, "GatedRepo"?), (403, _):
      return "access is restricted (\(answer.status)). Accept its licence at \(page); \(token)."
    case (401, _):
      return
        "there is no such folder here, and the hub says 401: there is no such \(kind.rawValue), "
        + "or it is private or gated. Check the name; \(token), and accept its licence at \(page)."
    case (404, "RevisionNotFound"?):
      return
        "the hub has no such revision (404): \(answer.url). See \(page)/tree/main for those it has."
    case (404, "EntryNotFound"?):
      return "the hub has no such file (404): \(answer.url)."
    case (404, _):
      return "there is no such folder here, and the hub has no such \(kind.rawValue) or revision "
        + "(404): \(answer.url). Check the name."
    case (429, _):
      return "the hub has had too many requests (429); try again later"
        + (hasToken ? "." : ", or set HF_TOKEN, which allows more.")
    case (500..., _):
      return "the hub is out of order (\(answer.status) from \(answer.url)); try again later."
    default:
      return "the server answers \(answer.status) to \(answer.url)"
        + (answer.headers["x-error-message"].map { ": \($0.prefix(200))" } ?? "") + "."
    }
  }
}
