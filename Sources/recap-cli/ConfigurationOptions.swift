internal import ArgumentParser
internal import Recap

/// Options that say which configuration to use, the same in every command that has them.
struct ConfigurationOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The configuration, a YAML file.", valueName: "file"))
  var config: String

  @Option(
    name: .customLong("dataset_path"),
    help: ArgumentHelp("The dataset, in place of dataset.path.", valueName: "folder"))
  var datasetPath: String?

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp(
      "A key of the configuration, as training.demo_epochs=3; may be repeated.",
      valueName: "key=value"))
  var assignments: [String] = []

  func configuration() throws -> Configuration {
    try Configuration(file: config, datasetPath: datasetPath, assignments: assignments)
  }
}
