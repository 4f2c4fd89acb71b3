internal import ArgumentParser
internal import LeRobot
internal import Platform

struct DatasetSplitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "split",
    abstract: "Draw the episodes of a dataset into parts.",
    discussion: """
      A part is a name and a share of the episodes, or a number of them. They are
      drawn at random, the same ones for the same seed; each part is a dataset in a
      folder of its name.

      EXAMPLE
        recap dataset split Examples/pusht --output parts train=0.75 val=0.25
      """)

  @OptionGroup var dataset: DatasetArgument

  @Argument(help: ArgumentHelp("Parts: train=0.9 val=0.1, or val=20.", valueName: "part"))
  var parts: [Part]

  @Option(help: "The seed of the draw.")
  var seed: UInt64 = 0

  @OptionGroup var target: CopyTarget

  struct Part: ExpressibleByArgument {
    let name: String
    let size: Double
    let isCount: Bool

    init?(argument: String) {
      let sides = argument.split(separator: "=")
      guard sides.count == 2, let size = Double(sides[1]), size > 0, size.isFinite,
        size < 1e15, !sides[0].contains("/"), !sides[0].hasPrefix(".")
      else { return nil }
      name = String(sides[0])
      isCount = !sides[1].contains(".")
      self.size = size
    }
  }

  func validate() throws {
    if Set(parts.map(\.name)).count < parts.count {
      throw ValidationError("Two parts have the same name.")
    }
    if let count = parts.first(where: \.isCount), let share = parts.first(where: { !$0.isCount }) {
      throw ValidationError(
        "'\(count.name)' has a number of episodes, \(Int(count.size)), and '\(share.name)' a share, "
          + "\(share.size); wanted all of one kind.")
    }
    if !parts[0].isCount, parts.reduce(0, { $0 + $1.size }) > 1 + 1e-9 {
      throw ValidationError("The shares add up to more than 1.")
    }
  }

  func run() throws {
    let dataset = try Dataset(folder: dataset.folder())
    let copies = dataset.copies
    let sizes = parts.map(\.size)
    if parts[0].isCount, sizes.reduce(0, +) > Double(copies.count) {
      throw ValidationError("The dataset has no more than \(copies.count) episodes.")
    }
    let drawn =
      parts[0].isCount
      ? EpisodeSelection.split(copies.count, counts: sizes.map { Int($0) }, seed: seed)
      : EpisodeSelection.split(copies.count, fractions: sizes, seed: seed)
    for (part, places) in zip(parts, drawn) where places.isEmpty {
      throw ValidationError("Part '\(part.name)' would have no episodes.")
    }
    // The parts are one draw: they appear together.
    let whole = try PartialFolder(target.output)
    let lines = try zip(parts, drawn).map { part, places in
      try target.copy(
        places.map { copies[$0] }, to: "\(whole.temporary)/\(part.name)",
        named: "\(target.output)/\(part.name)")
    }
    try whole.publish()
    try printOutput(lines.joined(separator: "\n"))
  }
}
