/// What a policy is told of the improvement indicator I.
package enum Indicator: Int, Sendable, CaseIterable {
  /// Nothing: the tag is dropped, and the policy models all actions.
  case none
  /// "Advantage: negative".
  case negative
  /// "Advantage: positive".
  case positive

  package init(_ flag: Bool?) {
    self = flag.map { $0 ? .positive : .negative } ?? .none
  }

  /// The tag's text (paper §V-B); nil for none.
  package var text: String? {
    switch self {
    case .none: nil
    case .negative: "Advantage: negative"
    case .positive: "Advantage: positive"
    }
  }
}
