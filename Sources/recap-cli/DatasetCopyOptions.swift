public import ArgumentParser
internal import Foundation
internal import Platform
public import LeRobot

/// Where a copy goes and in which version.
struct CopyTarget: ParsableArguments {
  @Option(help: ArgumentHelp("A folder that is new or empty.", valueName: "folder"))
  var output: String

  @Option(help: ArgumentHelp("The version to write: v2.1 or v3.0.", valueName: "version"))
  var to: DatasetVersion?

  @Flag(
    help:
      "Give the rows of an episode the times 0, 1/fps, 2/fps and so on, where LeRobot refuses theirs."
  )
  var rewriteTimes = false

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp(
      "Leave this camera out, where its videos are missing say; repeatable.", valueName: "camera"))
  var without: [String] = []

  /// Writes the copy, and prints what it is.
  func write(_ episodes: [EpisodeCopy]) throws {
    try printOutput(copy(episodes, to: output, named: output))
  }

  /// Writes the copy; without --to in the version of the first source, v2.1 for v2.0.
  ///
  /// - Parameter name: what it is called in the end, for those who read of it.
  /// - Returns: remarks and what the copy is, in lines.
  func copy(_ episodes: [EpisodeCopy], to folder: String, named name: String) throws -> String {
    guard let first = episodes.first?.dataset else {
      throw ValidationError("No episode satisfies the conditions: nothing is written.")
    }
    let version = to ?? (first.info.version.hasPrefix("v3") ? .v30 : .v21)
    let bar = DatasetProgress("copying \(URL(filePath: folder).lastPathComponent)")
    let checking = DatasetProgress("checking the copy")
    let remarks = try DatasetCopy(episodes, rewritesTimes: rewriteTimes, without: without).write(
      to: folder, version: version,
      progress: {
        bar.show($0.episodes, of: $0.episodeCount)
        if $0.episodes == $0.episodeCount { bar.finish() }
      }, checking: { checking.show($0, of: $1) })
    checking.finish()
    let frames = episodes.reduce(0) { $0 + $1.episode.length }
    let noun = episodes.count == 1 ? "episode" : "episodes"
    let lines =
      remarks.map { "note: \(excerpt($0, 2000))" } + [
        "\(name): LeRobot \(version.rawValue), \(episodes.count) \(noun), \(frames) frames"
      ]
    return lines.joined(separator: "\n")
  }
}

/// Which episodes a command is about.
struct EpisodeConditions: ParsableArguments {
  @Option(help: ArgumentHelp("Episodes by index: 0-9,12.", valueName: "indices"))
  var episodes: EpisodeIndices?

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp(
      "Of this type: demo, correction or autonomous; repeatable.", valueName: "type"))
  var type: [EpisodeType] = []

  @Option(
    help: ArgumentHelp("With this outcome: success, failure or unlabelled.", valueName: "outcome"))
  var outcome: EpisodeSelection.Outcome?

  @Option(
    parsing: .singleValue, help: ArgumentHelp("With this task; repeatable.", valueName: "text"))
  var task: [String] = []

  @Option(help: ArgumentHelp("At least so many frames.", valueName: "frames"))
  var minLength: Int?

  @Option(help: ArgumentHelp("At most so many frames.", valueName: "frames"))
  var maxLength: Int?

  func validate() throws {
    try check("min-length", minLength, from: 0, upTo: .max)
    try check("max-length", maxLength, from: 0, upTo: .max)
    if let minLength, let maxLength, minLength > maxLength {
      throw ValidationError("--min-length \(minLength) is more than --max-length \(maxLength).")
    }
  }

  var selection: EpisodeSelection {
    var selection = EpisodeSelection()
    selection.indices = episodes?.indices
    selection.types = type.isEmpty ? nil : Set(type)
    selection.outcome = outcome
    selection.tasks = task.isEmpty ? nil : Set(task.map { ByteName($0) })
    if minLength != nil || maxLength != nil {
      selection.lengths = (minLength ?? 0)...(maxLength ?? .max)
    }
    return selection
  }

  /// The episodes that satisfy all conditions; an index or a task that the dataset lacks is an error.
  func copies(_ dataset: Dataset) throws -> [EpisodeCopy] {
    let known = Set(dataset.episodes.map(\.index))
    if let missing = episodes?.indices.subtracting(known).min() {
      throw ValidationError(
        "--episodes: there is no episode \(missing); they are \(known.min()!) to \(known.max()!).")
    }
    let tasks = Set(dataset.episodes.flatMap(\.tasks).map { ByteName($0) })
    if let missing = task.first(where: { !tasks.contains($0) }) {
      throw ValidationError(
        "--task: no episode has the task '\(missing)'; there are \(tasks.sorted().prefix(10).map { "'\(excerpt($0.text, 60))'" }.joined(separator: ", "))."
      )
    }
    return try dataset.copies(selection)
  }
}

/// "0-9,12".
struct EpisodeIndices: ExpressibleByArgument {
  let indices: Set<Int>

  init?(argument: String) {
    var indices = Set<Int>()
    for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
      switch ends.count {
      case 1:
        guard let index = ends[0] else { return nil }
        indices.insert(index)
      case 2:
        guard let first = ends[0], let last = ends[1], first <= last, last - first < 1 << 24 else {
          return nil
        }
        indices.formUnion(first...last)
      default: return nil
      }
    }
    self.indices = indices
  }
}

extension DatasetVersion: ExpressibleByArgument {
  public init?(argument: String) {
    self.init(rawValue: argument.hasPrefix("v") ? argument : "v" + argument)
  }
}

extension EpisodeType: ExpressibleByArgument {}
extension EpisodeSelection.Outcome: ExpressibleByArgument {}
