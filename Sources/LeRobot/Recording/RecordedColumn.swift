/// The values of one feature in the frames of an episode being recorded.
enum RecordedColumn {
  case numbers([Double])
  case texts([String])
  /// PNG files.
  case pictures([[UInt8]])

  /// Some frames of the column as Parquet holds them.
  func parquet(
    _ feature: RecordedFeature, _ version: DatasetVersion, frames: Range<Int>
  ) -> ParquetColumn {
    switch self {
    case .numbers(let values):
      let width = feature.width
      let part = values[frames.lowerBound * width..<frames.upperBound * width]
      let leaves = RecordedColumn.leaves(Array(part), feature.dtype)
      return feature.shape == [1] ? leaves : .array(leaves, shape: feature.shape)
    case .texts(let values): return .string(Array(values[frames]))
    case .pictures(let files):
      return .pictures(Array(files[frames]), firstFrame: frames.lowerBound, version)
    }
  }

  /// The bytes of a frame's picture.
  func byteCount(_ frame: Int) -> Int {
    if case .pictures(let files) = self { files[frame].count } else { 0 }
  }

  static func leaves(_ values: [Double], _ dtype: String) -> ParquetColumn {
    switch dtype {
    case "float64": .float64(values)
    case "int8": .int8(values.map { Int8($0) })
    case "int16": .int16(values.map { Int16($0) })
    case "int32": .int32(values.map { Int32($0) })
    case "int64": .int64(values.map { Int($0) })
    case "uint8": .uint8(values.map { UInt8($0) })
    case "uint16": .uint16(values.map { UInt16($0) })
    case "uint32": .uint32(values.map { UInt32($0) })
    case "uint64": .uint64(values.map { UInt64($0) })
    case "bool": .bool(values.map { $0 != 0 })
    default: .float32(values.map { Float($0) })
    }
  }

  /// Whether a number is one of a dtype's.
  static func holds(_ dtype: String, _ value: Double) -> Bool {
    switch dtype {
    case "float32": Float(value).isFinite
    case "float64": value.isFinite
    case "int8": Int8(exactly: value) != nil
    case "int16": Int16(exactly: value) != nil
    case "int32": Int32(exactly: value) != nil
    case "int64": Int(exactly: value) != nil
    case "uint8": UInt8(exactly: value) != nil
    case "uint16": UInt16(exactly: value) != nil
    case "uint32": UInt32(exactly: value) != nil
    case "uint64": UInt64(exactly: value) != nil
    default: value == 0 || value == 1
    }
  }

  /// LeRobot's statistics of the column, with exact quantiles in v3.0; nil for texts and pictures.
  func statistics(_ feature: RecordedFeature, _ version: DatasetVersion) -> JSON? {
    guard case .numbers(var values) = self else { return nil }
    // What is stored is what counts.
    if feature.dtype == "float32" { values = values.map { Double(Float($0)) } }
    switch version {
    case .v21:
      // Over the frames, in the feature's shape; of v2.1 without quantiles.
      var sums = StatisticsAccumulator(width: feature.width)
      sums.add(values)
      return sums.statistics.json(shape: feature.shape, dtype: feature.dtype)
    case .v30:
      // LeRobot 0.6 takes all dimensions but the last for rows.
      let width = feature.shape.last!
      var statistics = FeatureStatistics(withQuantilesOf: values, width: width)
      statistics.count = values.count / feature.width
      return statistics.json(shape: [width], dtype: "float32")
    }
  }
}

extension ParquetColumn {
  /// Picture files as LeRobot keeps them: their bytes and a name.
  static func pictures(
    _ files: [[UInt8]], firstFrame: Int, _ version: DatasetVersion
  ) -> ParquetColumn {
    let separator = version == .v21 ? "_" : "-"
    let names = files.enumerated().map { i, bytes in
      let suffix = bytes.withUnsafeBytes(PictureFormat.init)?.suffix ?? "png"
      return "frame\(separator)\(padded(firstFrame + i, to: 6)).\(suffix)"
    }
    return .structure([("bytes", .bytes(files, text: false)), ("path", .string(names))])
  }
}

extension FeatureStatistics {
  /// A camera's, in the shape (3, 1, 1).
  func cameraJSON(_ version: DatasetVersion) -> JSON {
    var statistics = self
    if version == .v21 { statistics.quantiles = [:] }
    return statistics.json(shape: [mean.count, 1, 1], dtype: "float32")
  }

  /// As LeRobot writes them: lists of a shape; least and greatest value of booleans and whole
  /// numbers are such.
  package func json(shape: [Int], dtype: String) -> JSON {
    func exact(_ value: Double) -> JSON {
      if dtype == "bool" { return .bool(value != 0) }
      if dtype.contains("int"), let whole = Int(exactly: value) { return .integer(whole) }
      return .number(value)
    }
    func nested(_ values: [Double], _ leaf: (Double) -> JSON = JSON.number) -> JSON {
      FeatureStatistics.nested(values, shape: shape, leaf)
    }
    var object: JSONObject = [
      "min": nested(min, exact), "max": nested(max, exact), "mean": nested(mean),
      "std": nested(std), "count": .array([.integer(count)]),
    ]
    for percent in quantiles.keys.sorted() {
      object[FeatureStatistics.name(percent: percent)] = nested(quantiles[percent]!)
    }
    return .object(object)
  }

  /// Values laid flat as nested lists of a shape; as one list where the shape is of another number
  /// of values, for what a file declares need not be what it holds.
  static func nested(
    _ values: [Double], shape: [Int], _ leaf: (Double) -> JSON = JSON.number
  ) -> JSON {
    func nested(_ values: ArraySlice<Double>, _ shape: ArraySlice<Int>) -> JSON {
      guard let length = shape.first else { return leaf(values.first!) }
      let step = values.count / Swift.max(length, 1)
      return .array(
        (0..<length).map { i in
          let start = values.startIndex + i * step
          return nested(values[start..<start + step], shape.dropFirst())
        })
    }
    let width = shape.reduce(1.0) { $0 * Double($1) }
    return nested(values[...], width == Double(values.count) ? shape[...] : [values.count])
  }
}
