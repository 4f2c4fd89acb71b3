import Platform

/// What goes into meta/info.json.
enum InfoFile {
  static func new(
    _ version: DatasetVersion, fps: Double, robotType: String?, features: [RecordedFeature]
  ) -> JSONObject {
    let all = features + RecordedFeature.standard
    let hasVideos = features.contains { $0.dtype == "video" }
    var info: JSONObject = [
      "codebase_version": .string(version.rawValue),
      "robot_type": robotType.map(JSON.string) ?? .null,
    ]
    count(&info, episodes: 0, frames: 0, tasks: 0, version: version)
    info["fps"] = Int(exactly: fps).map(JSON.integer) ?? .number(fps)
    info["features"] = .object(JSONObject(all.map { ($0.key, $0.json) }))
    layout(&info, version: version, hasVideos: hasVideos)
    return info
  }

  /// Takes features away.
  static func remove(_ keys: [String], _ info: inout JSONObject) {
    guard !keys.isEmpty, var features = info["features"]?.object else { return }
    for key in keys { features[key] = nil }
    info["features"] = .object(features)
  }

  /// Sets the version and what depends on it alone.
  static func layout(_ info: inout JSONObject, version: DatasetVersion, hasVideos: Bool) {
    info["codebase_version"] = .string(version.rawValue)
    if info["chunks_size"]?.int ?? 0 < 1 { info["chunks_size"] = .integer(1000) }
    switch version {
    case .v21:
      info["data_files_size_in_mb"] = nil
      info["video_files_size_in_mb"] = nil
    case .v30:
      info["total_chunks"] = nil
      info["total_videos"] = nil
      if info["data_files_size_in_mb"]?.int ?? 0 < 1 {
        info["data_files_size_in_mb"] = .integer(100)
      }
      if info["video_files_size_in_mb"]?.int ?? 0 < 1 {
        info["video_files_size_in_mb"] = .integer(200)
      }
    }
    info["data_path"] = .string(version.dataPath)
    let hadPath = info["video_path"]?.string != nil
    info["video_path"] = hasVideos || hadPath ? .string(version.videoPath) : .null
  }

  /// Sets the totals.
  static func count(
    _ info: inout JSONObject, episodes: Int, frames: Int, tasks: Int, version: DatasetVersion
  ) {
    info["total_episodes"] = .integer(episodes)
    info["total_frames"] = .integer(frames)
    info["total_tasks"] = .integer(tasks)
    if version == .v21 {
      let size = max(info["chunks_size"]?.int ?? 1000, 1)
      let cameras = (info["features"]?.object ?? [:]).count { $0.value["dtype"]?.string == "video" }
      info["total_videos"] = .integer(episodes * cameras)
      info["total_chunks"] = .integer((episodes + size - 1) / size)
    }
    info["splits"] = .object(episodes > 0 ? ["train": .string("0:\(episodes)")] : [:])
  }

  /// Says of each camera what its first video holds.
  static func describe(
    _ info: inout JSONObject, videos: NameDictionary<VideoInfo>, encoding: VideoEncoding,
    version: DatasetVersion
  ) {
    guard var features = info["features"]?.object else { return }
    for (key, video) in videos {
      guard var feature = features[key]?.object, feature["info"] == nil else { continue }
      var members: JSONObject = [
        "video.height": .integer(video.height), "video.width": .integer(video.width),
        "video.codec": .string(video.codec), "video.pix_fmt": .string(video.pixelFormat),
        "video.fps": Int(exactly: video.fps).map(JSON.integer) ?? .number(video.fps),
        "video.channels": .integer(3), "has_audio": .bool(video.hasAudio),
      ]
      switch version {
      case .v21: members["video.is_depth_map"] = .bool(false)
      case .v30:
        members["video.g"] = .integer(encoding.keyFrameInterval)
        members["video.crf"] = .integer(encoding.crf)
        members["is_depth_map"] = .bool(false)
      }
      feature["info"] = .object(members)
      features[key] = .object(feature)
    }
    info["features"] = .object(features)
  }

  /// The columns that are filled by themselves, of those that info.json declares.
  static func standardFeatures(_ info: JSONObject) -> [RecordedFeature] {
    RecordedFeature.standard.filter { info["features"]?[$0.key] != nil }
  }

  /// Gives the names of v2.1 to what v2.0 called otherwise.
  static func modernize(_ info: inout JSONObject) {
    guard let features = info["features"]?.object else { return }
    info["features"] = .object(
      JSONObject(
        features.map { key, value in
          guard var feature = value.object else { return (key, value) }
          if feature["shape"]?.array?.isEmpty ?? true {
            feature["shape"] = .array([.integer(feature["shape"]?.int ?? 1)])
          }
          if feature["info"] == nil, let old = feature["video_info"] {
            feature["info"] = old
            feature["video_info"] = nil
          }
          if feature["names"] == nil { feature["names"] = .null }
          return (key, .object(feature))
        }))
  }

  /// Declares the columns that the rows have and the features lack, and takes back those that the
  /// rows lack: LeRobot wants both to be the same.
  ///
  /// What LeRobot cannot load, texts and numbers in equal lists aside, is declared no feature.
  ///
  /// - Returns: what was changed, in words.
  static func declareColumns(
    _ info: inout JSONObject, of dataset: Dataset, firstEpisode: Episode
  ) throws -> [String] {
    let range = try dataset.rows(of: firstEpisode)
    let file = try ParquetFile(range.path)
    guard var features = info["features"]?.object else { return [] }
    var remarks: [String] = []
    // The standard columns are written anew, in LeRobot's types.
    for feature in RecordedFeature.standard { features[feature.key] = feature.json }
    let standard = RecordedFeature.standard.map(\.key)
    for (key, feature) in features
    where !file.has(key) && !standard.contains(key)
      && !["video", LanguageColumn.dtype].contains(feature["dtype"]?.string)
    {
      features[key] = nil
      remarks.append("feature '\(key)' is left out: the rows have no such column")
    }
    for key in file.columnNames where features[key] == nil {
      let type = file.type(of: key)!
      if LanguageColumn(rawValue: key) != nil, case .list = type {
        features[key] = LanguageColumn.feature
        remarks.append("column '\(key)' is declared as a feature, \(LanguageColumn.dtype)")
        continue
      }
      let dtype = type.isText ? "string" : "\(type.leaf)"
      let known = RecordedFeature.numberTypes + ["float16", "string"]
      guard known.contains(dtype), let width = try width(of: key, type, in: dataset) else {
        remarks.append(
          "column '\(key)' of \(type) is left out: it is no feature, and LeRobot loads numbers, texts "
            + "and lists of one length alone")
        continue
      }
      features[key] = RecordedFeature(key, dtype: dtype, shape: [width]).json
      remarks.append("column '\(key)' is declared as a feature, \(dtype) [\(width)]")
    }
    info["features"] = .object(features)
    return remarks
  }

  /// The length of a column's lists in all rows of a dataset, 1 for scalars; nil where they differ or
  /// a file lacks the column.
  private static func width(
    of key: String, _ type: ArrowType, in dataset: Dataset
  ) throws -> Int? {
    if type.listDepth == 0 { return 1 }
    var width: Int?
    for episode in dataset.episodes {
      let range = try dataset.rows(of: episode)
      let file = try ParquetFile(range.path)
      guard file.has(key),
        let found = try? file.numbers(key, as: Double.self, rows: range.rows), found.width > 0,
        found.width == width ?? found.width
      else { return nil }
      width = found.width
    }
    return width
  }
}
