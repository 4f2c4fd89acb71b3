/// What a run measured at one step.
public struct MetricRecord: Sendable {
  /// The stage of training, such as `demonstrations`.
  public var stage: String
  /// Steps since the start of the run; it goes on from stage to stage.
  public var globalStep: Int
  /// Names such as `train/demo_loss` and their values, in the order they are written.
  public var values: [(name: String, value: Double)]

  public init(stage: String, globalStep: Int, values: [(name: String, value: Double)]) {
    self.stage = stage
    self.globalStep = globalStep
    self.values = values
  }
}

/// Somewhere that metrics go.
public protocol MetricSink: AnyObject {
  /// Writes one record at once, so that a killed program has lost nothing.
  ///
  /// - Throws: ``TrackingError`` when it cannot be written.
  func log(_ record: MetricRecord) throws

  /// Ends the run; 0 says that it succeeded.
  func finish(exitCode: Int) throws
}

/// A log that cannot be written or read, in one line that names the file.
public struct TrackingError: Error, CustomStringConvertible, Sendable {
  public let description: String

  init(_ description: String) { self.description = description }
}
