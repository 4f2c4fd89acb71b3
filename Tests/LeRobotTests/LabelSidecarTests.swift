import Foundation
import LeRobot
import Testing

@Suite struct LabelSidecarTests {
  /// Three episodes of three frames.
  private func withDataset<R>(_ body: (Dataset) throws -> R) throws -> R {
    var recording = Recording()
    for _ in 0..<3 { recording.add([]) }
    return try recording.with(body)
  }

  private func write(_ dataset: Dataset, _ columns: ParquetWriter.Columns) throws {
    try ParquetWriter.write("\(dataset.folder)/\(LabelSidecar.path)", columns: columns)
  }

  @Test func whatIsWrittenIsRead() throws {
    try withDataset { dataset in
      #expect(try LabelSidecar.read(dataset) == nil)
      let first = FrameLabels(
        returns: [-2, -1, 0], values: [-1.5, -1.25, -0.5], advantages: [0.25, 0, 1e-20],
        indicators: [true, false, nil], forced: [false, false, nil])
      let last = FrameLabels(values: [7, 8, 9])
      var labels = LabelSidecar(dataset)
      labels[dataset.episodes[2]] = last
      labels[dataset.episodes[0]] = first
      try labels.write()
      let read = try #require(try LabelSidecar.read(dataset))
      #expect(read[dataset.episodes[0]] == first && read[dataset.episodes[2]] == last)
      #expect(read[dataset.episodes[1]] == FrameLabels())

      let file = try ParquetFile("\(dataset.folder)/meta/recap_labels.parquet")
      #expect(
        file.columnNames == [
          "episode_index", "frame_index", "return", "value", "advantage", "indicator", "forced",
        ])
      #expect(
        try file.numbers("episode_index", as: Int.self).values == [0, 0, 0, 2, 2, 2])
      #expect(try file.numbers("return", as: Float.self).nulls == 3)

      // A label taken away, and written again over what is there.
      labels = read
      labels[dataset.episodes[0]].indicators = nil
      try labels.write()
      #expect(try LabelSidecar.read(dataset)?[dataset.episodes[0]].indicators == nil)
      #expect(try LabelSidecar.read(dataset)?[dataset.episodes[0]].returns == [-2, -1, 0])
    }
  }

  @Test func noLabelsAtAll() throws {
    try withDataset { dataset in
      try LabelSidecar(dataset).write()
      let read = try #require(try LabelSidecar.read(dataset))
      #expect(dataset.episodes.allSatisfy { read[$0] == FrameLabels() })
    }
  }

  /// As another tool may write it: in any order, other columns, integers for flags, doubles.
  @Test func otherToolsFiles() throws {
    try withDataset { dataset in
      try write(
        dataset,
        [
          ("note", .string(["a", "b", "c"])), ("__index_level_0__", .int64([2, 0, 1])),
          ("frame_index", .int32([2, 0, 1])),
          ("episode_index", .uint8([0, 1, 0])), ("indicator", .int64([1, 0, 0])),
          ("advantage", .optional(.float64([0.5, 1, 2]), valid: [true, true, false])),
        ])
      let read = try #require(try LabelSidecar.read(dataset))
      #expect(read[dataset.episodes[0]].indicators == [nil, false, true])
      #expect(read[dataset.episodes[1]].indicators == [false, nil, nil])
      let advantages = try #require(read[dataset.episodes[0]].advantages)
      #expect(advantages[0].isNaN && advantages[1].isNaN && advantages[2] == 0.5)
      #expect(read[dataset.episodes[2]] == FrameLabels())
      #expect(
        message { try read.write() }.hasSuffix(
          "meta/recap_labels.parquet: has columns that are not ours (note): move it away, or they are lost"
        ))
    }
  }

  @Test(arguments: [
    (
      "row 1 is of episode 3, which the dataset does not have", [0, 3], [0, 0],
      ParquetColumn.float32([1, 2])
    ),
    (
      "row 0 is of frame 3 of episode 1, which has 3 frames: the labels are of another version of the dataset",
      [1, 1], [3, 0], .float32([1, 2])
    ),
    ("row 0 is of frame -1 of episode 1", [1, 1], [-1, 0], .float32([1, 2])),
    (
      "row 1 is of frame 2 of episode 1, as a row before it is", [1, 1], [2, 2],
      .float32([1, 2])
    ),
    ("column 'value' holds", [0, 0], [0, 1], .string(["a", "b"])),
    ("column 'value' has 2 values a row", [0], [0], .array(.float32([1, 2]), shape: [2])),
    (
      "column 'value' is inf in row 1, a finite number is wanted", [0, 0], [0, 1],
      .float32([0, .infinity])
    ),
  ])
  func bad(_ problem: String, episodes: [Int], frames: [Int], values: ParquetColumn) throws {
    try withDataset { dataset in
      try write(
        dataset,
        [("episode_index", .int64(episodes)), ("frame_index", .int64(frames)), ("value", values)])
      let found = message { _ = try LabelSidecar.read(dataset) }
      #expect(found.contains("meta/recap_labels.parquet: \(problem)"), "\(found)")
    }
  }

  @Test func missingKeys() throws {
    try withDataset { dataset in
      try write(dataset, [("episode_index", .int64([0])), ("value", .float32([0]))])
      #expect(
        message { _ = try LabelSidecar.read(dataset) }.contains("has no column 'frame_index'"))
      try write(
        dataset,
        [
          ("episode_index", .optional(.int64([0]), valid: [false])), ("frame_index", .int64([0])),
        ])
      #expect(
        message { _ = try LabelSidecar.read(dataset) }.hasSuffix(
          "column 'episode_index': one whole number a row is wanted"))
      try write(
        dataset,
        [
          ("episode_index", .int64([0])), ("frame_index", .int64([0])), ("forced", .int64([2])),
        ])
      #expect(
        message { _ = try LabelSidecar.read(dataset) }.hasSuffix(
          "column 'forced' is 2.0 in row 0, true or false is wanted"))
    }
  }

  /// Labels of other chunks are passed over, and not lost by writing.
  @Test func oneChunkAlone() throws {
    try withCopy(of: pusht) { folder in
      let whole = try Dataset(folder: folder.path)
      var labels = LabelSidecar(whole)
      for episode in whole.episodes {
        labels[episode] = FrameLabels(values: (0..<episode.length).map { Float($0) })
      }
      try labels.write()
      let part = try Dataset(folder: folder.path, chunkID: "chunk-000")
      let read = try #require(try LabelSidecar.read(part))
      #expect(read[part.episodes[3]].values?.count == 47)
      #expect(message { try read.write() }.contains("cannot be written from one chunk alone"))
    }
  }
}
