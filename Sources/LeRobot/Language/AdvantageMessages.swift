/// The improvement indicators that LeRobot's annotation writes into `language_persistent`: messages of style
/// "advantage" whose content is "positive" or "negative" (its pull request 3764, RECAP).
enum AdvantageMessages {
  static let style = "advantage"

  /// Of each frame what the message says that is active then, the last one up to its time, as LeRobot's
  /// `active_at` has it; nil before the first.
  ///
  /// - Parameter times: of the frames, in seconds.
  /// - Throws: `ColumnProblem` for another content, for a message without a time, and where two have the same:
  ///   LeRobot takes neither.
  static func indicators(_ messages: [LanguageRow], times: [Double]) throws -> [Bool?]? {
    let own = messages.filter { $0.style == style }
    if own.isEmpty { return nil }
    var labels: [(time: Float, isPositive: Bool)] = try own.map { message in
      guard let time = message.timestamp, time.isFinite else {
        throw ColumnProblem(
          "holds a message of style '\(style)' without a timestamp, one is wanted")
      }
      guard let isPositive = ["positive": true, "negative": false][message.content ?? ""] else {
        let found = message.content.map(JSON.string) ?? .null
        throw ColumnProblem(
          "holds a message of style '\(style)' with the content \(found.kind), \"positive\" or \"negative\" is wanted"
        )
      }
      return (time, isPositive)
    }
    labels.sort { $0.time < $1.time }
    if let (same, _) = zip(labels, labels.dropFirst()).first(where: { $0.time == $1.time }) {
      throw ColumnProblem(
        "holds two messages of style '\(style)' at \(same.time) s, one is wanted: LeRobot takes neither"
      )
    }
    var next = 0
    return times.map { time in
      let time = Float(time)
      if next > 0, labels[next - 1].time > time { next = 0 }
      while next < labels.count, labels[next].time <= time { next += 1 }
      return next > 0 ? labels[next - 1].isPositive : nil
    }
  }
}
