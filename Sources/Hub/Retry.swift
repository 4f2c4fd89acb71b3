import Foundation
import Platform

/// Tries again what may go better the next time: answers 429 and 5xx, and connections that dropped.
struct Retry {
  /// Attempts without progress before it is given up.
  static let attempts = 5
  /// Seconds that a server may ask to be left alone.
  private static let longestWait = 300.0

  private let settings: HubSettings
  /// False at first contact, so that a machine without a network learns of it at once.
  private let connectsAgain: Bool
  private var failures = 0

  init(_ settings: HubSettings, connectsAgain: Bool = false) {
    self.settings = settings
    self.connectsAgain = connectsAgain
  }

  func run<Value>(_ body: () throws -> Value) throws -> Value {
    var retry = self
    while true {
      do { return try body() } catch { try retry.pause(after: error, isStopped: { false }) }
    }
  }

  /// Something arrived: the count of failures begins again.
  mutating func madeProgress() { failures = 0 }

  /// Waits until the next attempt is due, or throws the error where there should be none.
  mutating func pause(after error: any Error, isStopped: () -> Bool) throws {
    guard let failure = error as? HTTPFailure else { throw error }
    var wait = settings.retryDelay * pow(2, Double(failures))
    switch failure {
    case .unreachable: guard connectsAgain else { throw error }
    case .misled, .noSuchHost: throw error
    case .dropped: break
    case .status(let answer):
      guard answer.status == 429 || answer.status == 408 || answer.status >= 500 else {
        throw error
      }
      wait = Self.asked(answer.headers) ?? wait
    }
    failures += 1
    guard failures < Self.attempts, wait <= Self.longestWait else { throw error }
    let end = Date(timeIntervalSinceNow: wait)
    while end.timeIntervalSinceNow > 0, !isStopped() {
      try Interruption.check()
      Thread.sleep(forTimeInterval: min(0.1, max(0, end.timeIntervalSinceNow)))
    }
  }

  /// Seconds that the server wants to be left alone: `Retry-After: 7`, or the `t=7` of `RateLimit`.
  private static func asked(_ headers: [String: String]) -> Double? {
    if let text = headers["retry-after"], let seconds = Double(text), seconds >= 0 {
      return seconds
    }
    return headers["ratelimit"]?.split(separator: ";")
      .first { $0.hasPrefix("t=") }.flatMap { Double($0.dropFirst(2)) }
      .flatMap { $0 >= 0 ? $0 : nil }
  }
}
