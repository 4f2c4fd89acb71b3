/// Looks at what lies beside the format's own files: derived labels, and the tables of other tools.
struct SidecarCheck {
  let dataset: Dataset
  let findings: Findings

  func run() {
    findings.collect { try checkLabels() }
    for path in DatasetContents(dataset.folder).files
    where path.hasSuffix(".parquet") && path != LabelSidecar.path && !isOfFormat(path) {
      findings.collect { _ = try ParquetFile("\(dataset.folder)/\(path)") }
    }
  }

  private func isOfFormat(_ path: String) -> Bool {
    DatasetContents.formatPaths.contains { $0 == path || path.hasPrefix($0 + "/") }
  }

  /// Values are wanted of every frame of an episode, or of none.
  private func checkLabels() throws {
    guard let labels = try LabelSidecar.read(dataset) else { return }
    let path = "\(dataset.folder)/\(LabelSidecar.path)"
    var unlabelled = 0
    var torn: [(episode: Episode, missing: Int)] = []
    for episode in dataset.episodes {
      let found = labels[episode]
      if found == FrameLabels() { unlabelled += 1 }
      let missing = found.values?.count(where: \.isNaN) ?? 0
      if missing > 0 { torn.append((episode, missing)) }
    }
    if let (episode, missing) = torn.first {
      let more = torn.count > 1 ? ", and \(torn.count - 1) more episodes are so" : ""
      findings.add(
        path,
        "has no 'value' for \(missing) of the \(episode.length) frames of episode \(episode.index)\(more): a value is wanted of every frame; recap label --checkpoint writes them anew"
      )
    }
    if unlabelled > 0 {
      findings.note(
        "\(path): has no labels of \(unlabelled) of the \(dataset.episodes.count) episodes")
    }
  }
}
