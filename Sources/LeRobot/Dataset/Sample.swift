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
      for name in columns.file.columnNames where info.features[name]?.hasPictures != true {
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
    for camera in cameras { members[camera] = try summary(at: index, camera: camera) }
    return .object(members)
  }

  /// A frame's size, and the SHA-256 of its RGB bytes, or of its millimetres as float32 where it is depth.
  private func summary(at index: Int, camera: String) throws -> JSON {
    func json(_ width: Int, _ height: Int, _ values: [some Any], _ others: JSONObject = [:]) -> JSON
    {
      var members: JSONObject = ["width": .integer(width), "height": .integer(height)]
      for (key, value) in others { members[key] = value }
      var hash = SHA256()
      values.withUnsafeBytes { hash.update($0) }
      members["sha256"] = .string(hash.finish())
      return .object(members)
    }
    let feature = try feature(ofCamera: camera)
    guard feature.depth != nil else {
      let image = try image(at: index, camera: camera)
      return json(image.width, image.height, image.pixels)
    }
    let map = try depthMap(at: index, camera: camera)
    return json(
      map.width, map.height, map.millimetres,
      [
        "depth_unit": feature.dtype == "image" && feature.depth!.unit == nil
          ? .null : .string("mm"),
        "min": .number(Double(map.millimetres.min() ?? 0)),
        "max": .number(Double(map.millimetres.max() ?? 0)),
      ])
  }

  /// What a camera saw in one frame; grey where it is depth.
  ///
  /// - Parameter index: the frame, counted over all episodes.
  /// - Throws: `DatasetError` that names the file and the frame.
  public func image(at index: Int, camera: String) throws -> Image {
    let (position, frame) = position(ofFrame: index)
    let episode = episodes[position]
    let feature = try feature(ofCamera: camera)
    guard feature.dtype == "video" else {
      let range = try rows(of: episode)
      let row = range.rows.lowerBound + frame
      let column = try PictureColumn(
        RowRange(path: range.path, rows: row..<row + 1), column: camera, feature, rowsAtOnce: 1)
      return Image(width: column.width, height: column.height, pixels: try column.read())
    }
    let (decoder, pixels) = try decode(feature, frame, of: episode, camera: camera)
    return Image(width: decoder.width, height: decoder.height, pixels: pixels)
  }

  /// How far away what a camera saw in one frame was, of a camera whose feature is a depth map: as LeRobot 0.6.1
  /// gives it by default, in millimetres.
  ///
  /// - Parameter index: the frame, counted over all episodes.
  /// - Throws: `DatasetError` that names the file and the frame.
  public func depthMap(at index: Int, camera: String) throws -> DepthMap {
    let (position, frame) = position(ofFrame: index)
    let episode = episodes[position]
    let feature = try feature(ofCamera: camera)
    guard let depth = feature.depth else {
      throw DatasetError("\(folder)/meta/info.json", "has no depth map '\(camera)'")
    }
    if let problem = depth.problem {
      throw DatasetError("\(folder)/meta/info.json", "feature '\(camera)': \(problem)")
    }
    if feature.dtype == "video" {
      let (decoder, _) = try decode(feature, frame, of: episode, camera: camera)
      return DepthMap(
        width: decoder.width, height: decoder.height, codes: decoder.depthCodes, depth)
    }
    let range = try rows(of: episode)
    let row = range.rows.lowerBound + frame
    var map: DepthMap?
    try PictureColumn.forEach(ParquetFile(range.path), camera, feature, row..<row + 1, 1) {
      if case .file(let bytes) = $1 { map = try DepthMap(bytes, depth, name: $0) }
    }
    guard let map else { throw DatasetError(range.path, "has no row \(row)") }
    return map
  }

  /// A frame's pixels, and the decoder that has just decoded it.
  private func decode(
    _ feature: DatasetInfo.Feature, _ frame: Int, of episode: Episode, camera: String
  ) throws -> (VideoDecoder, [UInt8]) {
    let video = try video(of: episode, camera: camera)
    let decoder = try VideoDecoder(path: video.path, isDepth: feature.depth != nil)
    let number = try frames(of: episode, camera: camera, in: video, decoder.clock())[frame]
    return (decoder, try decoder.read(frames: [number]))
  }
}
