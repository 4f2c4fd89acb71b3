public import Platform

/// What meta/info.json says of a dataset.
public struct DatasetInfo: Sendable {
  /// The format's version, "v2.1" say.
  public let version: String
  /// Frames a second.
  public let fps: Double
  public let robotType: String?
  /// The columns and cameras by key.
  public let features: NameDictionary<Feature>
  /// Their keys in the order of the file.
  package let featureKeys: [String]
  /// Episodes in a chunk folder.
  package let chunkSize: Int
  /// The size that data files grow to, in bytes.
  let dataFileBytes: Int
  /// The size that video files grow to, in bytes.
  let videoFileBytes: Int
  package let dataPath: PathTemplate
  package let videoPath: PathTemplate
  /// Whether several episodes share a file and meta/episodes says where each lies, as in v3.0.
  package let sharesFiles: Bool
  /// The whole file.
  package let json: JSON

  /// One column or camera.
  public struct Feature: Sendable, Equatable {
    /// "float32", "int64", "bool", "string", "image", "video" and so on.
    public let dtype: String
    /// Lengths of the dimensions; [1] for a scalar.
    public let shape: [Int]
    /// The names of the elements, nested lists and dictionaries laid flat; empty when there are
    /// none.
    public let names: [String]
    /// How its depth is stored, where it is a depth map.
    public internal(set) var depth: DepthEncoding?

    /// Values a row.
    public var width: Int { shape.reduce(1, *) }

    /// Whether it is a camera's to LeRobot.
    public var isCamera: Bool { dtype == "video" || dtype == "image" }

    /// Whether it has pictures: a camera's, or 8-bit RGB in an array, which LeRobot loads as numbers.
    public var hasPictures: Bool { isCamera || isPictureArray }

    /// Whether it is an array of [height, width, 3] or [3, height, width].
    var isPictureArray: Bool {
      dtype == "uint8"
        && frameSize.map { min($0.width, $0.height) >= 16 && $0.width * $0.height * 3 == width }
          ?? false
    }

    /// Whether the channels come first.
    var hasChannelsFirst: Bool {
      frameSize.map { shape[1] == $0.height && shape[2] == $0.width } ?? false
    }

    /// The size of a camera's frames in pixels: by `names` (height, width), else the dimension of
    /// 1, 3 or 4 is the channels; nil where the shape does not say.
    public var frameSize: (width: Int, height: Int)? {
      guard isCamera || dtype == "uint8", shape.count == 3 else { return nil }
      if names.count == 3, let height = names.firstIndex(of: "height"),
        let width = names.firstIndex(of: "width")
      {
        return (shape[width], shape[height])
      }
      let isChannels = { (length: Int) in length == 1 || length == 3 || length == 4 }
      if isChannels(shape[2]) { return (shape[1], shape[0]) }
      return isChannels(shape[0]) ? (shape[2], shape[1]) : nil
    }
  }

  init(path: String) throws {
    let json = try JSON(path: path)
    guard json.object != nil else {
      throw DatasetError(path, "holds \(json.kind), an object is wanted")
    }
    let version = json["codebase_version"]?.string ?? "v2.1"
    let major = version.drop(while: { $0 == "v" }).prefix(while: { $0 != "." })
    guard major == "2" || major == "3" else {
      throw DatasetError(path, "codebase_version is \(version), v2.0, v2.1 or v3.0 is wanted")
    }
    guard let fps = json["fps"]?.double, fps >= 0.001, fps < 1e6 else {
      let isPositive = json["fps"]?.double.map { $0 > 0 } ?? false
      throw DatasetError(
        path,
        "key 'fps' is \(json["fps"]?.kind ?? "missing"), a "
          + (isPositive ? "number from 0.001 to below 1000000" : "positive number") + " is wanted")
    }
    func count(_ key: String, else standard: Int) throws -> Int {
      guard let value = json[key], !value.isNull else { return standard }
      guard let count = value.int, (1..<largestCount).contains(count) else {
        throw DatasetError(path, "key '\(key)' is \(value.kind), a positive whole number is wanted")
      }
      return count
    }
    guard let features = json["features"]?.object else {
      throw DatasetError(
        path, "key 'features' is \(json["features"]?.kind ?? "missing"), an object is wanted")
    }
    self.version = version
    sharesFiles = major == "3"
    self.fps = fps
    robotType = json["robot_type"]?.string
    featureKeys = features.keys
    self.features = NameDictionary(
      try features.map { ($0.key, try Feature($0.value, key: $0.key, file: path)) })
    chunkSize = try count("chunks_size", else: 1000)
    dataFileBytes = try count("data_files_size_in_mb", else: 100) << 20
    videoFileBytes = try count("video_files_size_in_mb", else: 200) << 20
    dataPath = PathTemplate(
      json["data_path"]?.string
        ?? (sharesFiles
          ? "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"
          : "data/chunk-{episode_chunk:03d}/episode_{episode_index:06d}.parquet"))
    videoPath = PathTemplate(
      json["video_path"]?.string
        ?? (sharesFiles
          ? "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4"
          : "videos/chunk-{episode_chunk:03d}/{video_key}/episode_{episode_index:06d}.mp4"))
    self.json = json
  }
}

extension DatasetInfo.Feature {
  fileprivate init(_ json: JSON, key: String, file: String) throws {
    guard let dtype = json["dtype"]?.string else {
      throw DatasetError(file, "feature '\(key)' has no 'dtype'")
    }
    let shape = json["shape"]?.array?.map(\.int) ?? json["shape"].map { [$0.int] } ?? []
    let width = shape.reduce(1.0) { $0 * Double(max($1 ?? 1, 1)) }
    guard shape.allSatisfy({ $0 != nil && $0! >= 0 }), shape.count <= 8, width < 0x1p40 else {
      throw DatasetError(file, "feature '\(key)': 'shape' is a list of whole numbers")
    }
    self.dtype = dtype
    self.shape = shape.isEmpty ? [1] : shape.map { $0! }
    names = flatNames(json["names"] ?? .null)
    depth = DepthEncoding(json)
  }
}

/// `names` may be a list, a list of lists, a dictionary of lists, or a dictionary name -> position.
private func flatNames(_ json: JSON) -> [String] {
  switch json {
  case .string(let name): return [name]
  case .array(let elements): return elements.flatMap(flatNames)
  case .object(let members):
    if members.values.allSatisfy({ $0.int != nil }) {
      return members.sorted { ($0.value.int!, $0.key) < ($1.value.int!, $1.key) }.map(\.key)
    }
    return members.sorted { $0.key < $1.key }.flatMap { flatNames($0.value) }
  default: return []
  }
}
