internal import ArgumentParser
internal import Foundation
internal import Hub

struct DownloadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "download",
    abstract:
      "Bring a model or dataset of the hub into the Hugging Face cache, and print its folder.",
    discussion: """
      Of a model come configuration, tokenizer, processor and weights, of a dataset
      every file. What is there already is not downloaded again; a download that was
      interrupted goes on. Training downloads what it lacks by itself: this command
      brings it beforehand, or brings what is newer.

      HF_HOME says where the cache is, HF_TOKEN what opens private and gated
      repositories, HF_ENDPOINT which hub to use, HF_HUB_OFFLINE=1 that there is
      none.

      EXAMPLE
        recap download openai/clip-vit-base-patch32
        recap download lerobot/pusht --dataset --revision v2.1
      """)

  @Argument(help: ArgumentHelp("The name on the hub, ORG/NAME.", valueName: "name"))
  var name: String

  @Flag(help: "It is a dataset, not a model.")
  var dataset = false

  @Option(help: ArgumentHelp("A branch, tag or commit (default: main).", valueName: "revision"))
  var revision: String?

  @Option(
    help: ArgumentHelp(
      "Only files whose names fit; * stands for anything. May be given more than once.",
      valueName: "pattern"))
  var include: [String] = []

  func run() throws {
    let patterns = include
    let fits: ((String) -> Bool)? =
      patterns.isEmpty ? nil : { name in patterns.contains { fnmatch($0, name, 0) == 0 } }
    let folder = try Hub.download(
      name, kind: dataset ? .dataset : .model, revision: revision, including: fits)
    try printOutput(folder.path)
  }
}
