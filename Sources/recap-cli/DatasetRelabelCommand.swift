internal import ArgumentParser
internal import LeRobot

struct DatasetRelabelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "relabel",
    abstract: "Copy a dataset with other labels on the episodes that satisfy every condition.",
    discussion: """
      All episodes are copied; those that satisfy no condition keep their labels.
      "none" takes a label away.

      EXAMPLE
        recap dataset relabel Examples/pusht --output relabelled \\
          --episodes 2-4 --set-type autonomous --set-success false
      """)

  @OptionGroup var dataset: DatasetArgument

  @OptionGroup var conditions: EpisodeConditions

  @Option(help: ArgumentHelp("demo, correction, autonomous or none.", valueName: "type"))
  var setType: String?

  @Option(help: ArgumentHelp("true, false or none.", valueName: "success"))
  var setSuccess: String?

  @Option(help: ArgumentHelp("Who acted: human, the name of a policy, or none.", valueName: "name"))
  var setSource: String?

  @Option(help: ArgumentHelp("The task of all frames.", valueName: "text"))
  var setTask: String?

  @OptionGroup var target: CopyTarget

  func validate() throws {
    if setType == nil, setSuccess == nil, setSource == nil, setTask == nil {
      throw ValidationError("Say what to set: --set-type, --set-success, --set-source, --set-task.")
    }
    if let setType, setType != "none", EpisodeType(rawValue: setType) == nil {
      throw ValidationError(
        "--set-type \(setType): demo, correction, autonomous or none is wanted.")
    }
    if let setSuccess, !["none", "true", "false"].contains(setSuccess) {
      throw ValidationError("--set-success \(setSuccess): true, false or none is wanted.")
    }
  }

  func run() throws {
    let dataset = try Dataset(folder: dataset.folder())
    let chosen = Set(try conditions.copies(dataset).map(\.episode.index))
    if chosen.isEmpty {
      throw ValidationError("No episode satisfies the conditions: nothing is written.")
    }
    let copies = dataset.copies.map { copy in
      guard chosen.contains(copy.episode.index) else { return copy }
      var copy = copy
      copy.type = change(setType) { EpisodeType(rawValue: $0)! }
      copy.success = change(setSuccess) { $0 == "true" }
      copy.source = change(setSource) { $0 }
      copy.task = setTask
      return copy
    }
    try target.write(copies)
  }

  private func change<Value>(_ word: String?, _ value: (String) -> Value) -> Change<Value> {
    switch word {
    case nil: .keep
    case "none": .remove
    case let word?: .set(value(word))
    }
  }
}
