/// A column or camera of a dataset in the making.
public struct RecordedFeature: Sendable, Equatable {
  /// "observation.state", say; no "/".
  public let key: String
  /// "float32", "int64", "bool", "string", "video", "image" and so on.
  public let dtype: String
  /// Lengths of the dimensions; [1] for a scalar, [height, width, 3] for a camera.
  public let shape: [Int]
  /// What the elements are called.
  public let names: [String]?

  /// - Parameter dtype: any of LeRobot's: "float32", "float64", "int8" to "int64", "uint8" to
  ///   "uint64", "bool", "string", "video", "image".
  public init(_ key: String, dtype: String, shape: [Int], names: [String]? = nil) {
    self.key = key
    self.dtype = dtype
    self.shape = shape
    self.names = names
  }

  /// `names.count` numbers a frame, float32: a state, an action.
  public static func vector(_ key: String, names: [String]) -> Self {
    Self(key, dtype: "float32", shape: [names.count], names: names)
  }

  /// `count` numbers a frame.
  public static func vector(_ key: String, count: Int, dtype: String = "float32") -> Self {
    Self(key, dtype: dtype, shape: [count])
  }

  /// One number a frame: a reward.
  public static func number(_ key: String, dtype: String = "float32") -> Self {
    Self(key, dtype: dtype, shape: [1])
  }

  /// Yes or no: done, intervention.
  public static func flag(_ key: String) -> Self { Self(key, dtype: "bool", shape: [1]) }

  /// A text a frame.
  public static func text(_ key: String) -> Self { Self(key, dtype: "string", shape: [1]) }

  /// A camera stored as video, which loses a little; even sizes.
  public static func video(_ key: String, width: Int, height: Int) -> Self {
    camera(key, "video", width, height)
  }

  /// A camera stored as PNG files inside Parquet, which loses nothing.
  public static func image(_ key: String, width: Int, height: Int) -> Self {
    camera(key, "image", width, height)
  }

  private static func camera(_ key: String, _ dtype: String, _ width: Int, _ height: Int) -> Self {
    Self(key, dtype: dtype, shape: [height, width, 3], names: ["height", "width", "channels"])
  }

  /// Values a frame.
  public var width: Int { shape.reduce(1, *) }

  var isCamera: Bool { dtype == "video" || dtype == "image" }

  /// As info.json declares it, names laid flat.
  var declared: DatasetInfo.Feature {
    DatasetInfo.Feature(dtype: dtype, shape: shape, names: names ?? [])
  }

  /// A camera's frames in pixels.
  var frameWidth: Int { declared.frameSize?.width ?? 0 }
  var frameHeight: Int { declared.frameSize?.height ?? 0 }

  /// The columns that every dataset has and that the writer fills.
  static let standard = [
    number("timestamp"), number("frame_index", dtype: "int64"),
    number("episode_index", dtype: "int64"), number("index", dtype: "int64"),
    number("task_index", dtype: "int64"),
  ]

  static let numberTypes = [
    "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
    "bool",
  ]

  /// What is wrong with it, in words; nil when nothing is.
  var problem: String? {
    if key.isEmpty || key.contains("/") || key.contains("\0") || key == "." || key == ".." {
      return "'\(key)' is no name of a feature: '/' is not allowed in it"
    }
    if RecordedFeature.standard.contains(where: { $0.key == key }) || key == "task" {
      return "'\(key)' is written by itself and cannot be recorded"
    }
    guard RecordedFeature.numberTypes.contains(dtype) || isCamera || dtype == "string" else {
      return "'\(key)' has dtype '\(dtype)', which is not one of LeRobot's"
    }
    if isCamera, declared.frameSize == nil || width != frameWidth * frameHeight * 3 {
      return "'\(key)' has shape \(shape), [height, width, 3] is wanted of a camera"
    }
    if shape.isEmpty || shape.count > 5 || shape.contains(where: { $0 < 1 }) {
      return "'\(key)' has shape \(shape), one to five positive lengths are wanted"
    }
    if dtype == "string", shape != [1] { return "'\(key)' is text and has shape \(shape), not [1]" }
    return nil
  }

  var json: JSON {
    .object([
      "dtype": .string(dtype), "shape": .array(shape.map(JSON.integer)),
      "names": names.map { .array($0.map(JSON.string)) } ?? .null,
    ])
  }
}

/// What a feature holds in one frame.
public enum FrameValue: Sendable, Equatable {
  /// Numbers laid flat, as many as the feature's width; of a flag 0 or 1.
  case numbers([Double])
  case text(String)
  /// What a camera saw: [height, width, 3].
  case pixels([UInt8])

  public static func number(_ value: Double) -> Self { .numbers([value]) }
  public static func flag(_ value: Bool) -> Self { .numbers([value ? 1 : 0]) }
  public static func floats(_ values: [Float]) -> Self { .numbers(values.map(Double.init)) }
}
