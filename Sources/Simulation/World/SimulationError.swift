/// What went wrong in or around a simulation, on one line: what it is, what was wanted, what to do.
public struct SimulationError: Error, Sendable, Equatable, CustomStringConvertible {
  public let description: String

  public init(_ description: String) {
    self.description = description
  }
}
