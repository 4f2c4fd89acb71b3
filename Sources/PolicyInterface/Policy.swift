/// Consecutive actions to carry out, in the dataset's units.
public struct ActionChunk: Sendable, Equatable {
  /// One row of action values for each control step; at least one row.
  public var actions: [[Float]]

  public init(actions: [[Float]]) {
    self.actions = actions
  }
}

/// Whatever turns what a robot perceives into what it does next.
public protocol Policy {
  /// The actions to carry out from this observation on.
  ///
  /// Throws when the observation lacks what the policy was trained on: a camera, a state of the
  /// right width.
  func act(on observation: Observation) throws -> ActionChunk

  /// The actions of several robots at once, each from its own observation.
  ///
  /// - Parameter seeds: for each robot that of the random numbers its actions are made from, so that they
  ///   depend on nothing but its observation and its seed.
  func act(on observations: [Observation], seeds: [UInt64]) throws -> [ActionChunk]
}

extension Policy {
  /// Asks one after another, of a policy that draws no random numbers.
  public func act(on observations: [Observation], seeds: [UInt64]) throws -> [ActionChunk] {
    try observations.map { try act(on: $0) }
  }
}
