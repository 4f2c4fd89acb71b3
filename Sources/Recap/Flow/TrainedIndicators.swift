internal import Torch

/// What a policy's last fit was told of the improvement indicator: it can act by that, and by nothing else.
package struct TrainedIndicators: Sendable, Equatable {
  /// Frames that were labelled so; `none` has none.
  package var frames: [Indicator: Int]
  /// The share of labels that were dropped: a policy learns to act without one by those as well.
  package var dropout: Double
  /// The tag of each indicator.
  package var tags: [Indicator: String]

  package init(_ frames: [TrainingFrame], dropout: Double) {
    self.frames = Dictionary(grouping: frames) { Indicator($0.indicator) }.mapValues(\.count)
    self.dropout = dropout
    tags = Dictionary(
      uniqueKeysWithValues: Indicator.allCases.compactMap { indicator in
        indicator.text.map { (indicator, $0) }
      })
  }

  /// Whether the policy was told this.
  package func has(_ indicator: Indicator) -> Bool {
    indicator == .none
      ? (frames[.none] ?? 0) > 0 || dropout > 0
      : (frames[indicator] ?? 0) > 0 && dropout < 1
  }

  /// "800 frames positive, 1,200 negative, 0 without a label; 30 % of labels dropped", in words.
  package var description: String {
    let labelled = (frames[.positive] ?? 0) + (frames[.negative] ?? 0)
    if labelled == 0 { return "\(frames[.none] ?? 0) frames, none of them labelled" }
    return
      "\(frames[.positive] ?? 0) frames labelled positive, \(frames[.negative] ?? 0) negative, "
      + "\(frames[.none] ?? 0) without a label"
      + (dropout > 0 ? ", \(Int((100 * dropout).rounded())) % of labels dropped" : ", none dropped")
  }
}

extension Indicator {
  /// Its word in configurations, checkpoints and commands.
  package var name: String {
    switch self {
    case .none: "unconditional"
    case .negative: "negative"
    case .positive: "positive"
    }
  }
}

// The form in checkpoints: frames by indicator, the share of labels dropped, the tags.

extension TrainedIndicators {
  /// For files whose metadata are texts.
  var json: String {
    func object(_ entries: [(String, String)]) -> String {
      "{" + entries.map { "\"\($0.0)\": \($0.1)" }.joined(separator: ", ") + "}"
    }
    return object([
      ("frames", object(Indicator.allCases.map { ($0.name, "\(frames[$0] ?? 0)") })),
      ("dropout", "\(dropout)"),
      (
        "tags",
        object(
          Indicator.allCases.compactMap { indicator in
            tags[indicator].map { (indicator.name, "\"\($0)\"") }
          })
      ),
    ])
  }

  var pickled: PickleValue {
    .dictionary([
      (
        "frames",
        .dictionary(Indicator.allCases.map { (.string($0.name), .int(frames[$0] ?? 0)) })
      ),
      ("dropout", .double(dropout)),
      (
        "tags",
        .dictionary(
          Indicator.allCases.compactMap { indicator in
            tags[indicator].map { (.string(indicator.name), .string($0)) }
          })
      ),
    ])
  }

  /// Nil when the value is not one that this version wrote.
  init?(_ value: PickleValue) {
    guard let dropout = value["dropout"]?.double, (0...1).contains(dropout) else { return nil }
    var frames: [Indicator: Int] = [:]
    var tags: [Indicator: String] = [:]
    for indicator in Indicator.allCases {
      guard let count = value["frames"]?[indicator.name]?.count else { return nil }
      if count > 0 { frames[indicator] = count }
      tags[indicator] = value["tags"]?[indicator.name]?.string
    }
    (self.frames, self.dropout, self.tags) = (frames, dropout, tags)
  }
}
