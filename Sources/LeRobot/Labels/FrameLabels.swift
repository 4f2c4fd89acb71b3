/// What the method derived for the frames of one episode. T frames.
public struct FrameLabels: Sendable, Equatable {
  /// [T], the return; NaN where a frame has none, nil when no frame has one. So are the others.
  public var returns: [Float]?
  /// [T], the value function's.
  public var values: [Float]?
  /// [T]
  public var advantages: [Float]?
  /// [T], whether the advantage is taken as positive; nil where a frame has none.
  public var indicators: [Bool?]?
  /// [T], whether the indicator was forced, as where a person acted.
  public var forced: [Bool?]?

  public init(
    returns: [Float]? = nil, values: [Float]? = nil, advantages: [Float]? = nil,
    indicators: [Bool?]? = nil, forced: [Bool?]? = nil
  ) {
    self.returns = returns
    self.values = values
    self.advantages = advantages
    self.indicators = indicators
    self.forced = forced
  }
}
