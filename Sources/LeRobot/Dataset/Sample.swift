import Hub

extension Dataset {
  /// One frame as LeRobot's sample: every column by its key, the task's text as `task`, and each
  /// camera as its frame's width, height and the SHA-256 of its RGB bytes, [height, width, 3].
  ///
  /// - Parameters:
  ///   - index: the frame, counted over all episodes.
  ///   - cameras: which to decode.
  package func sample(at index: Int, cameras: [String]) throws -> JSON {
    let (position, frame) = position(ofFrame: index)
    let episode = episodes[position]
    var members = try withColumns(of: episode) { columns in
      let row = columns.rows.lowerBound + frame
      var members: JSONObject = [:]
      for name in columns.file.columnNames where info.features[name]?.isCamera != true {
        if let column = LanguageColumn(rawValue: name) {
          members[name] = try columns.languageJSON(column, frame: frame)
          continue
        }
        try columns.file.forEachBatch(name, rows: row..<row + 1) { part in
          members[name] = try part.json(part.range.lowerBound)
        }
      }
      var overrides = LabelOverrides()
      overrides.text = "task"
      let labels = Labels(dataset: self, file: columns, episode: episode, overrides: overrides)
      members["task"] = .string(try labels.texts().value[frame])
      return members
    }
    members["index"] = .integer(index)
    members["episode_index"] = .integer(episode.index)
    members["frame_index"] = .integer(frame)
    for camera in cameras {
      let image = try image(at: index, camera: camera)
      var hash = SHA256()
      image.pixels.withUnsafeBytes { hash.update($0) }
      members[camera] = .object([
        "width": .integer(image.width), "height": .integer(image.height),
        "sha256": .string(hash.finish()),
      ])
    }
    return .object(members)
  }

  /// What a camera saw in one frame.
  ///
  /// - Parameter index: the frame, counted over all episodes.
  /// - Throws: `DatasetError` that names the file and the frame.
  public func image(at index: Int, camera: String) throws -> Image {
    let (position, frame) = position(ofFrame: index)
    let episode = episodes[position]
    guard try feature(ofCamera: camera).dtype == "video" else {
      let range = try rows(of: episode)
      let row = range.rows.lowerBound + frame
      let column = try PictureColumn(
        RowRange(path: range.path, rows: row..<row + 1), column: camera, rowsAtOnce: 1)
      return Image(width: column.width, height: column.height, pixels: try column.read())
    }
    let video = try video(of: episode, camera: camera)
    let decoder = try VideoDecoder(path: video.path)
    let number = try frames(of: episode, camera: camera, in: video, decoder.clock())[frame]
    let pixels = try decoder.read(frames: [number])
    return Image(width: decoder.width, height: decoder.height, pixels: pixels)
  }
}
