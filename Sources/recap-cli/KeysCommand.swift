internal import ArgumentParser
internal import Recap

struct KeysCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keys",
    abstract: "List every key of the configuration, with its default and meaning.",
    discussion: """
      Keys and defaults are the PyTorch project's; those marked (ours) are added.
      The list is YAML: a file to start from.

      EXAMPLE
        recap keys > my_config.yaml
      """)

  func run() throws {
    try printOutput(Configuration.annotatedDefaults)
  }
}
