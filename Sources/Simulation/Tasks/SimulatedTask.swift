/// A task by its name, with who demonstrates and who corrects it unless others are asked for.
public struct SimulatedTask: Sendable {
  /// As in commands and configurations, one word.
  public let name: String
  public let demonstrators: DemonstratorMixture
  /// Who takes over from a policy that is about to fail.
  public let corrector: Demonstrator
  /// A world of its own each time.
  public let make: @Sendable () throws -> any Task

  public init(
    name: String, demonstrators: DemonstratorMixture, corrector: Demonstrator,
    make: @escaping @Sendable () throws -> any Task
  ) {
    self.name = name
    self.demonstrators = demonstrators
    self.corrector = corrector
    self.make = make
  }

  /// All that there are, by name.
  public static let all: [SimulatedTask] = [
    SimulatedTask(
      name: "carry", demonstrators: Carry.demonstrators, corrector: Carry.corrector,
      make: { try Carry() }),
    SimulatedTask(
      name: "push", demonstrators: Push.demonstrators, corrector: Push.corrector,
      make: { try Push() }),
    SimulatedTask(
      name: "pick_and_place", demonstrators: PickAndPlace.demonstrators,
      corrector: PickAndPlace.corrector, make: { try PickAndPlace() }),
  ]

  /// - Throws: `SimulationError` that lists the names there are.
  public static func named(_ name: String) throws -> SimulatedTask {
    if let task = all.first(where: { $0.name == name }) { return task }
    throw SimulationError(
      "there is no simulated task '\(name)'; there are: \(all.map(\.name).joined(separator: ", "))")
  }
}
